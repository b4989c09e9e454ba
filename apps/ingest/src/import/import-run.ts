import { outgoing, type Outgoing } from '@tidings/bus';
import { events, type AcceptedEvent } from '@tidings/contracts';
import { isRefusedRow, type RowMap } from '@tidings/mapping';
import { acceptEvent } from '../accept/accept-event.js';
import { Unreadable, type SomeRows } from './csv-reader.js';
import type { ImportLine, RefusedLine } from './import-line.js';

/** What running an import needs. */
export interface ImportRunParts {
  readonly workspace: string;
  readonly id: string;
  /** The list that the rows are of; null where they are events. */
  readonly list: string | null;
  readonly firstRow: number;
  readonly map: RowMap;
  /** Resolves when the broker has all of it: null, or why it would not take it, however long that was waited for. */
  readonly publish: (messages: readonly Outgoing[]) => Promise<string | null>;
  readonly now: () => Date;
}

/** A batch that is on its way. */
interface Batch {
  readonly last: number;
  readonly accepted: number;
  readonly refusals: readonly RefusedLine[];
  readonly outcome: Promise<string | null>;
}

const batchRows = 500;
/** Batches on their way at once: reading goes on while the broker works on one, and another waits for it. */
const inFlight = 2;

/** Rows become events under ids of their own, in batches; every line that is yielded is settled for good. Reads no faster than the broker acknowledges. */
export async function* runImport(rows: AsyncIterable<SomeRows>, parts: ImportRunParts): AsyncGenerator<ImportLine> {
  const sum = { row: parts.firstRow - 1, accepted: 0, refused: 0 };
  const waiting: Batch[] = [];
  async function* settle(atMost: number): AsyncGenerator<ImportLine, string | null, undefined> {
    while (waiting.length > atMost) {
      const { last, accepted, refusals, outcome } = waiting.shift() as Batch;
      const failure = await outcome;
      if (failure !== null) return failure;
      yield* refusals;
      sum.row = last;
      sum.accepted += accepted;
      sum.refused += refusals.length;
      yield { kind: 'progress', ...sum };
    }
    return null;
  }
  try {
    for await (const batch of batchesOf(rows, parts)) {
      waiting.push(batch);
      const failure = yield* settle(inFlight - 1);
      if (failure !== null) {
        yield { kind: 'stopped', ...sum, reason: failure };
        return;
      }
    }
    const failure = yield* settle(0);
    yield failure === null ? { kind: 'done', ...sum } : { kind: 'stopped', ...sum, reason: failure };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const failure = yield* settle(0);
    yield { kind: 'stopped', ...sum, reason: failure ?? error.message };
  }
}

async function* batchesOf(rows: AsyncIterable<SomeRows>, parts: ImportRunParts): AsyncGenerator<Batch> {
  let filling = new Filling(parts.firstRow, parts);
  try {
    for await (const some of rows) {
      const now = parts.now();
      for (const cells of some) {
        filling.take(cells, now);
        if (filling.rows < batchRows) continue;
        yield filling.begin();
        filling = new Filling(filling.next, parts);
      }
    }
  } catch (error) {
    // What stands before the place that cannot be read is good.
    if (error instanceof Unreadable && filling.rows > 0) yield filling.begin();
    throw error;
  }
  if (filling.rows > 0) yield filling.begin();
}

/** A batch that is being filled: a row is what becomes of it at once, because its cells would outlive it in the heap. */
class Filling {
  private readonly messages: Outgoing[] = [];
  private readonly refusals: RefusedLine[] = [];

  constructor(
    private readonly first: number,
    private readonly parts: ImportRunParts,
  ) {}

  get rows(): number {
    return this.messages.length + this.refusals.length;
  }

  /** The number of the row behind it. */
  get next(): number {
    return this.first + this.rows;
  }

  take(cells: readonly string[], now: Date): void {
    const made = messageOf(cells, this.next, now, this.parts);
    if ('kind' in made) this.refusals.push(made);
    else this.messages.push(made);
  }

  /** Sends it on its way. */
  begin(): Batch {
    const { messages, refusals } = this;
    const outcome = messages.length === 0 ? Promise.resolve(null) : this.parts.publish(messages);
    // Heard when its turn comes; until then a rejection must not end the process.
    outcome.catch(() => undefined);
    return { last: this.next - 1, accepted: messages.length, refusals, outcome };
  }
}

function messageOf(cells: readonly string[], row: number, now: Date, { map, workspace, id, list }: ImportRunParts): Outgoing | RefusedLine {
  const call = map(cells);
  if (isRefusedRow(call)) return { kind: 'refused', row, field: call.field, message: call.message };
  const answer = acceptEvent(call, { workspace, source: 'api', mergesKnown: true, now, messageId: () => `${id}/${row}` });
  if (answer.kind === 'refused') return { kind: 'refused', row, field: answer.field, message: answer.message };
  return list === null ? outgoing(events, answer.event) : listed(answer.event, row);
}

/** The row of a list: on it, unless a column `listed` says no. */
function listed(event: AcceptedEvent, row: number): Outgoing | RefusedLine {
  const { listed: isListed = true } = event.properties;
  if (typeof isListed !== 'boolean') return { kind: 'refused', row, field: 'listed', message: 'must be true or false: head the column listed:boolean' };
  return outgoing(events, { ...event, type: 'listing', properties: { listed: isListed } });
}
