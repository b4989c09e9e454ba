import { Injectable } from '@nestjs/common';
import { outgoing, Publisher, type Position } from '@tidings/bus';
import { analyticsFacts, nobody, type AnalyticsFact } from '@tidings/contracts';
import { Database, rowSet, type Tx } from '@tidings/postgres';
import { ErasedIds, type ErasedMap, type IdRef } from '@tidings/service';
import { factsOfMessage } from '../facts/facts.js';
import { deltasOf, type Delta } from '../rollups/tally.js';
import { momentOf, type Moment } from '../timeline/timeline.js';
import { keepMoments } from '../timeline/timeline.store.js';
import { fold } from './fold.js';
import type { Happening } from './happening.js';
import { newRecord, saysTheSame, type MessageKey, type MessageRecord } from './message-record.js';
import { columns, toRecord, toRow, type MessageRow } from './message-rows.js';

const keyRows = rowSet({ day: 'date', workspace: 'text', message_id: 'uuid' });
const deltaRows = rowSet({
  workspace: 'text',
  day: 'date',
  journey: 'text',
  step: 'text',
  channel: 'text',
  metric: 'text',
  reason: 'text',
  shard: 'int4',
  by: 'int8',
});

const { set } = toRow;
const key = 'day, workspace, message_id';
const assignments = set.names
  .split(', ')
  .slice(3)
  .map((name) => `${name} = excluded.${name}`);

/** What a batch says about one message. */
interface News {
  readonly id: string;
  readonly key: MessageKey;
  readonly heard: Happening[];
}

interface Change {
  readonly before: MessageRecord | null;
  readonly after: MessageRecord;
  readonly at: string;
}

/** A batch as it is taken in: whose it is, and what it tells once it is known which of them were erased. */
export interface Hearing {
  readonly workspaces: readonly string[];
  readonly refs: () => readonly IdRef[];
  readonly heard: (erased: ErasedMap) => Heard;
}

/** What a batch tells: facts of its own, what it says about messages, and what must be looked up to know more. */
export interface Heard {
  /** Asked for when they are published: what is made earlier only lies in memory meanwhile. */
  readonly facts: () => readonly AnalyticsFact[];
  readonly happenings: readonly Happening[];
  /** Moments of profiles' lives that no fact tells of. */
  readonly moments: readonly Moment[];
  /** Finds further happenings inside the transaction, once the others are stored. */
  readonly lookUp?: (tx: Tx) => Promise<readonly Happening[]>;
}

/** Where messages and their numbers live; both change in the transaction that stores the positions. */
@Injectable()
export class MessagesStore {
  constructor(
    private readonly database: Database,
    private readonly publisher: Publisher,
    private readonly erased: ErasedIds,
  ) {}

  /** Takes a batch in: messages folded, facts published and acknowledged, numbers moved, positions stored; all or nothing. */
  async hear(positions: readonly Position[], { workspaces, refs, heard: heardBut }: Hearing): Promise<void> {
    await this.database.transact({ workspaces, positions }, async (tx) => {
      const heard = heardBut(await this.erased.of(tx, refs));
      const told = await this.take(tx, heard.happenings);
      // After the batch's own messages are there: one of them may be what is looked for.
      const found = heard.lookUp ? await this.take(tx, await heard.lookUp(tx)) : [];
      const changes = [...told, ...found];
      const facts = await this.publish(heard, changes);
      const moments = [...heard.moments, ...facts.map(momentOf).filter((moment) => moment !== null)];
      // Sent together: they share a round trip.
      await Promise.all([this.move(tx, deltasOf(changes), shardOf(positions)), keepMoments(tx, moments)]);
    });
  }

  private async take(tx: Tx, happenings: readonly Happening[]): Promise<readonly Change[]> {
    if (happenings.length === 0) return [];
    const changes = await this.changesOf(tx, newsOf(happenings));
    await this.save(tx, changes);
    return changes;
  }

  private async publish(heard: Heard, changes: readonly Change[]): Promise<readonly AnalyticsFact[]> {
    const facts = [...heard.facts(), ...changes.flatMap(({ before, after, at }) => factsOfMessage(before, after, at))];
    if (facts.length > 0) await this.publisher.publish(facts.map((fact) => outgoing(analyticsFacts, fact)));
    return facts;
  }

  private async changesOf(tx: Tx, news: readonly News[]): Promise<Change[]> {
    const known = await this.held(tx, news);
    return news.flatMap(({ id, key: of, heard }): Change[] => {
      const before = known.get(id) ?? null;
      const begun = before ?? newRecord(of);
      const after = heard.reduce(fold, of.profileId === nobody ? { ...begun, profileId: nobody } : begun);
      return before !== null && saysTheSame(before, after) ? [] : [{ before, after, at: heard.at(-1)?.at ?? '' }];
    });
  }

  /**
   * What is known of messages, locked until the end of the transaction; the others are put in place. Decisions, deliveries and receipts
   * of one message may come by different topics at once: whoever is second waits, and then sees what the first one wrote. A message whose decision is not
   * among the news was most likely decided before, so it is looked for first; of the others most are new.
   */
  private async held(tx: Tx, news: readonly News[]): Promise<ReadonlyMap<string, MessageRecord>> {
    const { yes: begun = [], no: goingOn = [] } = Object.groupBy(news, ({ heard }) => (heard.some(({ kind }) => kind === 'decided') ? 'yes' : 'no'));
    const found = await this.locked(tx, goingOn);
    const missing = goingOn.filter(({ id }) => !found.has(id));
    const placed = await this.place(tx, [...begun, ...missing]);
    return new Map([...found, ...placed]);
  }

  /**
   * Puts messages that nothing was known of in place, and shows what is known of the others. All are taken in one order, in
   * one statement, so nobody waits in a circle; the condition that never holds locks a row without writing it anew.
   */
  private async place(tx: Tx, news: readonly News[]): Promise<ReadonlyMap<string, MessageRecord>> {
    if (news.length === 0) return new Map();
    const placed = await tx.query<{ id: string }>(
      `insert into analytics.message as m (${set.names}) select ${set.names} from ${set.source()} order by r.message_id, r.day, r.workspace
       on conflict (${key}) do update set state = m.state where false
       returning ${idColumn} as id`,
      set.parameters(news.map(({ key: of, heard }) => toRow(heard.reduce(fold, newRecord(of))))),
    );
    if (placed.length === news.length) return new Map();
    const mine = new Set(placed.map(({ id }) => id));
    return this.locked(tx, news.filter(({ id }) => !mine.has(id)));
  }

  /** One look-up by key per message, in the order in which everybody takes them. */
  private async locked(tx: Tx, news: readonly News[]): Promise<ReadonlyMap<string, MessageRecord>> {
    if (news.length === 0) return new Map();
    const rows = await tx.query<MessageRow>(
      `select ${columns} from (select * from ${keyRows.source()} order by r.message_id, r.day, r.workspace) r
        cross join lateral (
          select * from analytics.message m where m.day = r.day and m.workspace = r.workspace and m.message_id = r.message_id for update) m`,
      keyRows.parameters(news.map(({ key: { day, workspace, messageId } }) => ({ day, workspace, message_id: messageId }))),
    );
    return new Map(rows.map(toRecord).map((record) => [idOf(record), record]));
  }

  /** What was known is there, locked by us: an insert that always conflicts finds each row by its key, too. */
  private async save(tx: Tx, changes: readonly Change[]): Promise<void> {
    const known = changes.filter(({ before }) => before !== null);
    if (known.length === 0) return;
    await tx.query(
      `insert into analytics.message (${set.names}) select ${set.names} from ${set.source()}
       on conflict (${key}) do update set ${assignments.join(', ')}`,
      set.parameters(known.map(({ after }) => toRow(after))),
    );
  }

  private async move(tx: Tx, deltas: readonly Delta[], shard: number): Promise<void> {
    if (deltas.length === 0) return;
    await tx.query(
      `insert into analytics.rollup as t (workspace, day, journey, step, channel, metric, reason, shard, count)
       select r.workspace, r.day, r.journey, r.step, r.channel, r.metric, r.reason, r.shard, r.by from ${deltaRows.source()}
       on conflict (workspace, day, journey, step, channel, metric, reason, shard) do update set count = t.count + excluded.count`,
      deltaRows.parameters(deltas.map((delta) => ({ ...delta, shard }))),
    );
  }
}

/** Of the partitions that the batch is of: no other replica has any of them. */
const shardOf = (positions: readonly Position[]): number => Math.min(...positions.map(({ partition }) => partition));

const idOf = ({ workspace, day, messageId }: Pick<MessageKey, 'workspace' | 'day' | 'messageId'>): string => `${messageId} ${day} ${workspace}`;
const idColumn = `m.message_id || ' ' || m.day || ' ' || m.workspace`;

function newsOf(happenings: readonly Happening[]): readonly News[] {
  const byId = new Map<string, News>();
  for (const happening of happenings) {
    const id = idOf(happening.key);
    const news = byId.get(id);
    if (news === undefined) byId.set(id, { id, key: happening.key, heard: [happening] });
    else news.heard.push(happening);
  }
  return [...byId.values()];
}
