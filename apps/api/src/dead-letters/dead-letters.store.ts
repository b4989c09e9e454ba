import { Injectable } from '@nestjs/common';
import type { Position } from '@tidings/bus';
import { Database, rowSet } from '@tidings/postgres';
import type { DeadLetter } from './dead-letter.js';

/** Which letters: by id, or those that wait and whose topic and reason fit. */
export interface LetterChoice {
  readonly ids: readonly string[] | null;
  readonly topic: string | null;
  readonly reason: string | null;
}

const columns = `workspace, id, at, consumer, source_topic as "sourceTopic", source_partition as "sourcePartition", source_offset::float8 as "sourceOffset",
  attempts, error_class as "errorClass", reason, key, headers, value, state`;
const chosen = `workspace = $1 and state = 'waiting' and ($2::text[] is null or id = any($2))
  and ($3::text is null or source_topic = $3) and ($4::text is null or strpos(reason, $4) > 0)`;

const letterRows = rowSet({
  workspace: 'text',
  id: 'text',
  at: 'timestamptz',
  consumer: 'text',
  source_topic: 'text',
  source_partition: 'int4',
  source_offset: 'int8',
  attempts: 'int4',
  error_class: 'text',
  reason: 'text',
  key: 'text',
  headers: 'jsonb',
  value: 'text',
});

/** As long as topics keep personal data: a letter holds whatever was sent, of whomever. */
const keepDays = 28;

/** Where dead letters wait for a person, for 28 days. */
@Injectable()
export class DeadLettersStore {
  constructor(private readonly database: Database) {}

  /** Keeps letters; one that is there already stays as it is, and so does one of the same message that waits: whoever died after it was put has put it again. */
  async put(letters: readonly DeadLetter[], positions: readonly Position[]): Promise<void> {
    const workspaces = [...new Set(letters.map(({ workspace }) => workspace))];
    await this.database.transact({ workspaces, positions }, async (tx) => {
      await tx.query(
        `insert into api.dead_letter (${letterRows.names})
         select r.workspace, r.id, r.at, r.consumer, r.source_topic, r.source_partition, r.source_offset, r.attempts, r.error_class,
                r.reason, r.key, r.headers, decode(r.value, 'base64') from ${letterRows.source()}
         on conflict do nothing`,
        letterRows.parameters(letters.map(toRow)),
      );
    });
  }

  /** A page, the newest first. */
  page(workspace: string, filter: { topic: string | null; reason: string | null; state: string | null }, after: readonly string[] | null, limit: number) {
    return this.database.transact({ workspaces: [workspace] }, (tx) =>
      tx.query<DeadLetter>(
        `select ${columns} from api.dead_letter
          where workspace = $1 and ($2::text is null or source_topic = $2) and ($3::text is null or strpos(reason, $3) > 0)
            and ($4::text is null or state = $4)
            and ($5::text[] is null or (at, id) < ((($5::text[])[1])::timestamptz, ($5::text[])[2]))
          order by at desc, id desc limit $6`,
        [workspace, filter.topic, filter.reason, filter.state, after, limit],
      ),
    );
  }

  /** One letter, or null. */
  async find(workspace: string, id: string): Promise<DeadLetter | null> {
    const rows = await this.database.transact({ workspaces: [workspace] }, (tx) =>
      tx.query<DeadLetter>(`select ${columns} from api.dead_letter where workspace = $1 and id = $2`, [workspace, id]),
    );
    return rows[0] ?? null;
  }

  /** How many letters a choice names. */
  async count(workspace: string, { ids, topic, reason }: LetterChoice): Promise<number> {
    const [row] = await this.database.transact({ workspaces: [workspace] }, (tx) =>
      tx.query<{ count: number }>(`select count(*)::int as count from api.dead_letter where ${chosen}`, [workspace, ids, topic, reason]),
    );
    return row?.count ?? 0;
  }

  /** Settles up to 500 chosen letters: `work` is done before they are marked, so a crash in between repeats it. */
  settle(
    workspace: string,
    { ids, topic, reason }: LetterChoice,
    state: 'redriven' | 'discarded',
    work: (letters: readonly DeadLetter[]) => Promise<void>,
  ): Promise<number> {
    return this.database.transact({ workspaces: [workspace] }, async (tx) => {
      const letters = await tx.query<DeadLetter>(
        `select ${columns} from api.dead_letter where ${chosen} order by at, id limit 500 for update skip locked`,
        [workspace, ids, topic, reason],
      );
      if (letters.length === 0) return 0;
      await work(letters);
      await tx.query(`update api.dead_letter set state = $2 where workspace = $1 and id = any($3)`, [workspace, state, letters.map(({ id }) => id)]);
      return letters.length;
    });
  }

  /** Forgets what is too old to be put back, a part at a time; true when there may be more. */
  async forgetOld(workspaces: readonly string[]): Promise<boolean> {
    const gone = await this.database.transact({ workspaces }, (tx) =>
      tx.query(
        `delete from api.dead_letter where (workspace, id) in (
           select workspace, id from api.dead_letter where at < now() - interval '${keepDays} days' limit 500) returning 1`,
      ),
    );
    return gone.length === 500;
  }
}

/** Postgres cannot hold U+0000, and hostile reasons, keys and headers can. */
function toRow(letter: DeadLetter) {
  const clean = (text: string) => text.replaceAll('\u0000', '\ufffd');
  return {
    workspace: letter.workspace,
    id: letter.id,
    at: letter.at,
    consumer: clean(letter.consumer),
    source_topic: clean(letter.sourceTopic),
    source_partition: letter.sourcePartition,
    source_offset: letter.sourceOffset,
    attempts: letter.attempts,
    error_class: clean(letter.errorClass),
    reason: clean(letter.reason),
    key: letter.key === null ? null : clean(letter.key),
    headers: Object.fromEntries(Object.entries(letter.headers).map(([name, text]) => [clean(name), clean(text)])),
    value: letter.value?.toString('base64') ?? null,
  };
}
