import { randomUUID } from 'node:crypto';
import { batchOf, type Batch } from '@tidings/bus';
import { deliveryEvents, sends, type Channel, type DefinitionRecord, type Lane, type ProviderDefinition, type SendRequested, type TemplateDefinition, type Topic } from '@tidings/contracts';
import { PostgresPositions } from '@tidings/postgres';
import { seal } from '@tidings/service';
import type { Static, TSchema } from 'typebox';
import { aSendRequested } from '../messages.js';
import type { RecordingPublisher } from '../recording-publisher.js';
import type { TestDatabase } from '../test-database.store.js';

/** The master key that specs of dispatchers seal credentials with. */
export const testMasterKey = 'a-master-key-of-at-least-32-characters';

/** A row of a ledger as specs look at it. */
export interface LedgerRow {
  readonly state: string;
  readonly attempt: number;
  readonly prior_ambiguous: boolean;
  readonly reason: string;
  readonly provider_message_id: string | null;
  readonly request: unknown;
  /** Seconds until the next attempt. */
  readonly wait_s: number | null;
}

const published = { v: 1, version: 1, status: 'published', publishedAt: '2026-03-01T00:00:00.000Z' } as const;

/** A workspace as it is published. */
export const workspaceRecord = (id: string): DefinitionRecord => ({ ...published, workspace: id, kind: 'workspace', id, body: { id, consentModel: 'opt-out' } });

/** Version 1 of a template as it is published. */
export const templateRecord = (id: string, content: Omit<TemplateDefinition, 'id'>, workspace = 'demo'): DefinitionRecord => ({
  ...published, workspace, kind: 'template', id, body: { id, ...content },
}); // prettier-ignore

/** An account at a provider as it is published, its credentials sealed. */
export const providerRecord = (
  account: Pick<ProviderDefinition, 'channel' | 'kind' | 'settings' | 'priority'> & { readonly credentials: unknown },
  workspace = 'demo',
): DefinitionRecord => {
  const { credentials, ...rest } = account;
  const { kind } = rest;
  const sealed = seal(testMasterKey, `provider:${workspace}:${kind}`, JSON.stringify(credentials));
  return { ...published, workspace, kind: 'provider', id: kind, body: { id: kind, ...rest, sealed } };
};

/** The real now moved by so many milliseconds, as messages carry it: dispatchers compare with the clock. */
export const fromNow = (afterMs: number): string => new Date(Date.now() + afterMs).toISOString();

/** What a dispatcher's spec asks of its database and its publisher. */
export class DispatchWorld {
  private readonly offsets = new Map<string, number>();

  private readonly channel: Channel;
  private readonly db: TestDatabase;
  private readonly publisher: RecordingPublisher;

  constructor(channel: Channel, db: TestDatabase, publisher: RecordingPublisher) {
    this.channel = channel;
    this.db = db;
    this.publisher = publisher;
  }

  private get schema(): string {
    return `dispatcher_${this.channel}`;
  }

  /** Empties what earlier specs left behind. */
  async clear(): Promise<void> {
    await this.db.rows(`truncate ${this.schema}.ledger, ${this.schema}.recall, ${this.schema}.suppression, ${this.schema}.suppression_change, ${this.schema}.soft_bounce, ${this.schema}.kafka_position`);
  }

  /** A message to one address, due a second ago and worth sending for an hour. */
  send(address: string, overrides: Partial<SendRequested> = {}): SendRequested {
    return aSendRequested({
      channel: this.channel, messageId: randomUUID(), profileId: `profile of ${address}`, endpoints: [{ id: 'phone', address }], template: { id: 'hello', version: 1 },
      variables: { profile: { name: 'Ada' } }, dueAt: fromNow(-1_000), causedAt: fromNow(-1_000), expiresAt: fromNow(3_600_000), ...overrides,
    }); // prettier-ignore
  }

  /** The next batch of a lane's topic. */
  batch(messages: readonly SendRequested[], lane: Lane = 'triggered', signal?: AbortSignal): Promise<Batch<SendRequested>> {
    return this.batchOn(sends(this.channel, lane), messages, signal);
  }

  /** The next batch of any topic that the dispatcher reads, with the position where it must be. */
  async batchOn<S extends TSchema>(topic: Topic<S>, messages: readonly Static<S>[], signal?: AbortSignal): Promise<Batch<Static<S>>> {
    const from = this.offsets.get(topic.name) ?? 0;
    const consumer = `dispatcher-${this.channel}`;
    if (from === 0) await new PostgresPositions(this.db.database).begin(this.schema, consumer, topic.name, 0, 0);
    this.offsets.set(topic.name, from + messages.length);
    const position = { schema: this.schema, consumer, from, to: from + messages.length };
    return batchOf(topic, messages, { position, ...(signal ? { signal } : {}) });
  }

  /** What the ledger says of a message's first endpoint. */
  async row({ messageId }: SendRequested): Promise<LedgerRow | undefined> {
    const sql = `select *, extract(epoch from next_attempt_at - now())::float8 as wait_s from ${this.schema}.ledger where message_id = $1`;
    return (await this.db.rows<LedgerRow>(sql, [messageId]))[0];
  }

  /** What was told of a message, each as `kind reason attempt`. */
  told({ messageId }: SendRequested): string[] {
    const events = this.publisher.published(deliveryEvents).filter((event) => event.messageId === messageId);
    return events.map(({ kind, reason, attempt }) => `${kind} ${reason} ${String(attempt)}`);
  }

  /** As if the time of every retry, and the lease of every claimed one, had come. */
  async makeRetriesDue(): Promise<void> {
    await this.db.rows(`update ${this.schema}.ledger set next_attempt_at = now() where next_attempt_at is not null`);
  }
}
