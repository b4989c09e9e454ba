import type { Static, TSchema } from 'typebox';

/**
 * A Kafka topic is its name (without the installation's prefix), the shape of its
 * messages, and the key that orders them: messages with the same key are seen in
 * order, by one consumer; nothing else about order is promised.
 */
export interface Topic<S extends TSchema = TSchema> {
  readonly name: string;
  readonly schema: S;
  /** What a reader of the AsyncAPI document needs to know of this topic. */
  readonly description: string;
  readonly key: (message: Static<S>) => string;
  /** `delete` topics forget by age; `compact` topics keep the last message of each key. */
  readonly cleanup: 'delete' | 'compact';
  /** How long a `delete` topic keeps a message, in days; at most 28 where messages carry personal data. */
  readonly retentionDays: number;
}

/** The message type of a topic. */
export type MessageOf<T> = T extends Topic<infer S> ? Static<S> : never;

/** Declares a topic; days default to 28 and cleanup to `delete`. */
export const topic = <S extends TSchema>(
  definition: Pick<Topic<S>, 'name' | 'schema' | 'description' | 'key'> & Partial<Topic<S>>,
): Topic<S> => ({ cleanup: 'delete', retentionDays: 28, ...definition });

/** The key of everything about one person: all of it is seen in order, by one consumer. */
export const profileKey = (message: { readonly workspace: string; readonly profileId: string }): string =>
  `${message.workspace}:${message.profileId}`;
