import { Catch, UseFilters, type RpcExceptionFilter } from '@nestjs/common';
import type { MessageOf, Topic } from '@tidings/contracts';
import { EventPattern } from '@nestjs/microservices';
import { throwError, type Observable } from 'rxjs';
import type { Batch, RawBatch } from './batch.js';

/** How a handler's consumer works. */
export interface ConsumesOptions {
  /** Who consumes: the owner of the position, and part of the Kafka group's name. */
  readonly group: string;
  /** The Postgres schema that keeps the position. */
  readonly schema: string;
  /** `stored`: the handler stores `batch.position` in its transaction. `committed`: no database, the bus commits to Kafka once the handler resolved. */
  readonly positions?: 'stored' | 'committed';
  /** The most messages of a batch, of all its partitions together; 500. */
  readonly maxBatch?: number;
  /** How many batches one replica handles at a time, each of other partitions; 4. */
  readonly concurrency?: number;
  /** A fetch that brought little is followed by the next no sooner than so long after it, so that batches are larger; 20. What comes alone waits for nobody. */
  readonly paceMs?: number;
  /** How long messages may wait at the broker for others, so that batches are larger; 0: handed over as they come. */
  readonly lingerMs?: number;
  /** Hand over bytes: nothing is parsed, checked or set aside before the handler sees it. */
  readonly raw?: boolean;
}

/** What `@Consumes` says about a handler, with nothing left open. */
export interface Consumption extends Required<ConsumesOptions> {
  readonly topics: readonly Topic[];
}

type Handles<B> = (
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<(batch: B) => Promise<void>>,
) => void;
type AnyTopic = Pick<Topic, 'name' | 'schema'>;
type OneOrMore<T> = T | readonly T[];

/**
 * Makes a controller's method the handler of batches of one or several topics, each partition in order. The method
 * throws `InfrastructureError` for the world's trouble; whatever else it throws is a message's fault.
 */
export function Consumes(
  topics: OneOrMore<AnyTopic>,
  options: ConsumesOptions & { readonly raw: true },
): Handles<RawBatch>;
export function Consumes<T extends AnyTopic>(
  topics: OneOrMore<T>,
  options: ConsumesOptions & { readonly raw?: false },
): Handles<Batch<MessageOf<T>>>;
export function Consumes(topics: OneOrMore<AnyTopic>, options: ConsumesOptions): MethodDecorator {
  const list = (Array.isArray(topics) ? topics : [topics]) as readonly Topic[];
  const consumption: Consumption = {
    positions: 'stored',
    maxBatch: 500,
    concurrency: 4,
    paceMs: 20,
    lingerMs: 0,
    raw: false,
    ...options,
    topics: list,
  };
  return (target: object, key: string | symbol, descriptor: PropertyDescriptor) => {
    EventPattern<string>(patternOf(consumption), { consumption })(target, key, descriptor);
    UseFilters(new PassErrors())(target, key, descriptor);
  };
}

/** What a handler is known by within a process. */
export const patternOf = ({ group, topics }: Pick<Consumption, 'group' | 'topics'>): string =>
  `${group}/${topics.map(({ name }) => name).join('+')}`;

/** Nest replaces a handler's error by "Internal server error"; the bus must see the one that was thrown. */
@Catch()
class PassErrors implements RpcExceptionFilter<unknown> {
  catch(exception: unknown): Observable<never> {
    return throwError(() => exception);
  }
}
