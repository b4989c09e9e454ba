import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../api-client.js';
import { CommandFailed } from '../usage-error.js';
import type { FilePart } from './file-parts.js';
import type { RefusedRow, Settled } from './journal.js';

/** How a part is sent, and how long trouble that may pass is waited out. */
export interface SendOptions {
  readonly query: Readonly<Record<string, string>>;
  readonly patienceMs: number;
}

/** What became of a part: all of its rows are settled. */
export interface SentPart {
  readonly settled: Settled;
  readonly refused: readonly RefusedRow[];
  readonly bytesRead: number;
}

type Line = Settled & RefusedRow & { readonly kind: string; readonly reason?: string };

const firstWaitMs = 500;
const longestWaitMs = 10_000;

/** Sends a part until all of it is settled; the rows' numbers are their ids, so sending it again doubles nothing. */
export async function sendPart(api: Pick<ApiClient, 'upload'>, part: FilePart, { query, patienceMs }: SendOptions): Promise<SentPart> {
  const deadline = Date.now() + patienceMs;
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    const answer = await api.upload('/api/v1/imports', { ...query, row: String(part.firstRow) }, part.body, 'text/csv');
    const read = answer.kind === 'later' ? answer.reason : readLines(answer.text, part);
    if (typeof read !== 'string') {
      // Its end was settled, so all of it was received: no copy is on its way any more.
      part.release();
      return read;
    }
    if (Date.now() >= deadline) throw new CommandFailed(`${read}\nrows before ${part.firstRow} are imported; the same command goes on there`);
    await sleep(waitMs);
  }
}

/** The end of the answer says that all rows are settled; an answer that was cut off says nothing. */
function readLines(text: string, { bytesRead }: FilePart): SentPart | string {
  const lines = text.split('\n').flatMap((line) => (line === '' ? [] : [parsed(line)]));
  const last = lines.at(-1);
  if (last?.kind !== 'done') return last?.reason ?? 'the answer was cut off';
  const refused = lines.filter(({ kind }) => kind === 'refused').map(({ row, field, message }) => ({ row, field, message }));
  return { settled: { row: last.row, accepted: last.accepted, refused: last.refused }, refused, bytesRead };
}

function parsed(line: string): Line {
  try {
    return JSON.parse(line) as Line;
  } catch {
    // Only the last line can be cut in two, and then it is no end.
    return { kind: 'cut', row: 0, accepted: 0, refused: 0, field: '', message: '' };
  }
}
