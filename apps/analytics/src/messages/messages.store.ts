import { Injectable } from '@nestjs/common';
import { outgoing, Publisher, type Position } from '@tidings/bus';
import { analyticsFacts, type AnalyticsFact } from '@tidings/contracts';
import { Database, rowSet, type Tx } from '@tidings/postgres';
import { factsOfMessage } from '../facts/facts.js';
import { deltasOf, type Delta } from '../rollups/tally.js';
import { fold } from './fold.js';
import type { Happening } from './happening.js';
import { newRecord, type MessageKey, type MessageRecord } from './message-record.js';
import { columns, toRecord, toRow, type MessageRow } from './message-rows.js';

const keyRows = rowSet({ day: 'date', workspace: 'text', message_id: 'uuid', profile_id: 'text', channel: 'text' });
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

const assignments = toRow.set.names
  .split(', ')
  .slice(3)
  .map((name) => `${name} = excluded.${name}`);

interface Change {
  readonly before: MessageRecord | null;
  readonly after: MessageRecord;
  readonly at: string;
}

/** What a batch tells: facts of its own, what it says about messages, and what must be looked up to know more. */
export interface Heard {
  readonly workspaces: readonly string[];
  readonly facts: readonly AnalyticsFact[];
  readonly happenings: readonly Happening[];
  /** Finds further happenings inside the transaction. */
  readonly lookUp?: (tx: Tx) => Promise<readonly Happening[]>;
}

/** Where messages and their numbers live; both change in the transaction that stores the position. */
@Injectable()
export class MessagesStore {
  constructor(
    private readonly database: Database,
    private readonly publisher: Publisher,
  ) {}

  /** Takes a batch in: messages folded, facts published and acknowledged, numbers moved, position stored; all or nothing. */
  async hear(position: Position, heard: Heard): Promise<void> {
    await this.database.transact({ workspaces: heard.workspaces, position }, async (tx) => {
      const happenings = [...heard.happenings, ...((await heard.lookUp?.(tx)) ?? [])];
      const changes = happenings.length === 0 ? [] : await this.changesOf(tx, happenings);
      const facts = [...heard.facts, ...changes.flatMap(({ before, after, at }) => factsOfMessage(before, after, at))];
      if (facts.length > 0) await this.publisher.publish(facts.map((fact) => outgoing(analyticsFacts, fact)));
      if (changes.length === 0) return;
      await this.save(tx, changes);
      await this.move(tx, deltasOf(changes), position.partition);
    });
  }

  private async changesOf(tx: Tx, happenings: readonly Happening[]): Promise<Change[]> {
    const byId = Map.groupBy(happenings, ({ key }) => idOf(key));
    const keys = [...byId.values()].flatMap(([first]) => (first ? [first.key] : [])).toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
    const before = await this.lock(tx, keys);
    return keys.flatMap((key): Change[] => {
      const known = before.get(idOf(key)) ?? null;
      const heard = byId.get(idOf(key)) ?? [];
      const after = heard.reduce(fold, known ?? newRecord(key));
      const same = known !== null && JSON.stringify(known) === JSON.stringify(after);
      return same ? [] : [{ before: known, after, at: heard.at(-1)?.at ?? '' }];
    });
  }

  /**
   * The records as they are, locked until the end of the transaction. Decisions, deliveries and receipts of one
   * message come by different topics, so rows are put in place first: whoever is second waits here and then sees
   * what the first one wrote. The conflict finds each by its key, and the update that changes nothing locks and shows it:
   * a select would be left to statistics that a new day's table does not have yet, and read all of it for every row.
   */
  private async lock(tx: Tx, keys: readonly MessageKey[]): Promise<ReadonlyMap<string, MessageRecord>> {
    const rows = keys.map(({ day, workspace, messageId, profileId, channel }) => ({ day, workspace, message_id: messageId, profile_id: profileId, channel }));
    const found = await tx.query<MessageRow & { counted: boolean }>(
      `insert into analytics.message as m (${keyRows.names}) select r.* from ${keyRows.source()} order by r.message_id
       on conflict (day, workspace, message_id) do update set counted = m.counted
       returning ${columns}, m.counted`,
      keyRows.parameters(rows),
    );
    const counted = found.filter((row) => row.counted).map(toRecord);
    return new Map(counted.map((record) => [idOf(record), record]));
  }

  /** The rows are there, locked by us: an insert that always conflicts finds each by its key, too. */
  private async save(tx: Tx, changes: readonly Change[]): Promise<void> {
    await tx.query(
      `insert into analytics.message (${toRow.set.names}, counted) select ${toRow.set.names}, true from ${toRow.set.source()}
       on conflict (day, workspace, message_id) do update set ${assignments.join(', ')}, counted = true`,
      toRow.set.parameters(changes.map(({ after }) => toRow(after))),
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

const idOf = ({ workspace, day, messageId }: Pick<MessageKey, 'workspace' | 'day' | 'messageId'>): string => `${messageId} ${day} ${workspace}`;
