import type { DynamicModule, Type } from '@nestjs/common';
import type { AppSchema } from '@tidings/postgres';
import type { ServiceConfig } from './env-bags.js';
import type { HttpOptions } from './http.js';

/** Everything that `serve` needs to know of a service. */
export interface Service {
  /** Names it in logs, traces, Kafka's client id and Postgres's list of connections. */
  readonly name: string;
  readonly module: Type | DynamicModule;
  /** What it keeps in Postgres; empty for a service without tables, which then gets no `Database`. */
  readonly schemas: readonly AppSchema[];
  readonly config: ServiceConfig;
  readonly http?: HttpOptions;
  /** Others go first where they share a processor, and consumers have one batch in hand at a time: for what nobody waits for. */
  readonly inBackground?: boolean;
}
