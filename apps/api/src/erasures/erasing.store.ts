import { Injectable } from '@nestjs/common';
import type { Tx } from '@tidings/postgres';
import { namesAnyOf, type Named } from './names-person.js';

/** Letters that are looked at in one go. */
const PAGE = 200;

interface Letter extends Named {
  readonly id: string;
}

/** Lets go of what the API itself holds of a person: messages of the sandbox, and dead letters that name them. */
@Injectable()
export class ErasingStore {
  /** Deletes it, in the transaction that stores the receipt, and says how many rows that were. */
  async remove(tx: Tx, workspace: string, ids: readonly string[]): Promise<number> {
    const messages = await tx.query(
      'delete from api.sandbox_message where workspace = $1 and profile_id = any($2::text[]) returning 1',
      [workspace, ids],
    );
    return messages.length + (await removeLetters(tx, workspace, ids));
  }
}

/** Page by page, because letters can be large and many. */
async function removeLetters(tx: Tx, workspace: string, ids: readonly string[]): Promise<number> {
  const names = namesAnyOf(workspace, ids);
  let count = 0;
  let after = '';
  for (;;) {
    const letters = await tx.query<Letter>(
      'select id, key, value from api.dead_letter where workspace = $1 and id > $2 order by id limit $3',
      [workspace, after, PAGE],
    );
    const gone = letters.filter(names);
    if (gone.length > 0)
      await tx.query('delete from api.dead_letter where workspace = $1 and id = any($2::text[])', [workspace, gone.map(({ id }) => id)]);
    count += gone.length;
    const last = letters.at(-1);
    if (last === undefined || letters.length < PAGE) return count;
    after = last.id;
  }
}
