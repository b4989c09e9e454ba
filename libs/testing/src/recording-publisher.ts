import type { Static, TSchema } from 'typebox';
import { InfrastructureError, type Outgoing, Publisher } from '@tidings/bus';
import type { Topic } from '@tidings/contracts';

/** A publisher that keeps what it is given, in order, instead of sending it. */
export class RecordingPublisher extends Publisher {
  /** Everything published so far. */
  readonly outgoing: Outgoing[] = [];
  private failure: Error | null = null;

  override publish(messages: readonly Outgoing[]): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    this.outgoing.push(...messages);
    return Promise.resolve();
  }

  /** The messages of a topic, parsed, in the order of their publication. */
  published<S extends TSchema>(topic: Topic<S>): Static<S>[] {
    return this.outgoing.filter((message) => message.topic === topic.name).map(({ value }) => JSON.parse(String(value)) as Static<S>);
  }

  /** From now on nothing is recorded and each publish rejects with this error; null makes it work again. */
  failWith(error: Error | null = new InfrastructureError('the broker does not answer')): void {
    this.failure = error;
  }

  /** Forgets what was published. */
  clear(): void {
    this.outgoing.length = 0;
  }
}

/** A new recording publisher, working. */
export const recordingPublisher = (): RecordingPublisher => new RecordingPublisher();
