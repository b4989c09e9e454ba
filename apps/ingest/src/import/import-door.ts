import { setTimeout as sleep } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { Outgoing } from '@tidings/bus';
import { compileRows } from '@tidings/mapping';
import { authenticateBearer, Catalog, Problem, type Caller } from '@tidings/service';
import { AckGate } from '../ack-gate.js';
import { countEvents } from '../ingest-metrics.js';
import { Lists } from '../list/lists.js';
import { RateLimits } from '../rate-limits.js';
import { csvRows, Unreadable, type SomeRows } from './csv-reader.js';
import type { ImportLine } from './import-line.js';
import { readImport, type ImportRequest } from './import-request.js';
import { runImport } from './import-run.js';

/** An import as it comes in. */
export interface ImportCall {
  readonly query: Readonly<Record<string, unknown>>;
  readonly authorization: string | undefined;
  readonly encoding: string | undefined;
  readonly body: Readable;
}

/** How long the broker, or the rate limit, is waited for before an import stops; whoever sent it goes on from there. */
const patienceMs = 30_000;
const againMs = 100;

/** The door for CSV files: rows of profiles and events become events as the body comes in, no faster than the broker acknowledges them. */
@Injectable()
export class ImportDoor {
  constructor(
    private readonly catalog: Catalog,
    private readonly gate: AckGate,
    private readonly limits: RateLimits,
    private readonly lists: Lists,
  ) {}

  /** Throws a `Problem` for what is wrong before the first row; afterwards the lines say how it goes, to their end. */
  async open({ query, authorization, encoding, body }: ImportCall): Promise<AsyncGenerator<ImportLine>> {
    const caller = this.admit(authorization);
    const request = readImport(query);
    if (typeof request === 'string') throw new Problem(400, 'Bad request', request);
    if (request.list !== null && !this.lists.has(caller.workspace, request.list)) throw Problem.ofStatus(404, 'No published segment asks for this list.');
    const gzip = encoding === 'gzip' || encoding === 'x-gzip';
    if (!gzip && encoding !== undefined && encoding !== 'identity') throw Problem.ofStatus(415, 'The body must be plain or gzip.');
    const rows = csvRows(body, request.delimiter, gzip);
    const map = await firstRow(rows, request);
    const { id, list, firstRow: first } = request;
    const publish = (messages: readonly Outgoing[]) => this.publish(caller, messages);
    return runImport(rows, { workspace: caller.workspace, id, list, firstRow: first, map, publish, now: () => new Date() });
  }

  private admit(authorization: string | undefined): Caller {
    const caller = authenticateBearer(authorization, this.catalog);
    if (caller === null) throw Problem.ofStatus(401, 'Send a key that is in force as "Authorization: Bearer <key>".', { headers: { 'www-authenticate': 'Bearer realm="tidings"' } });
    if (!caller.scopes.includes('write')) throw Problem.ofStatus(403, 'The key has not the scope "write".');
    return caller;
  }

  private async publish(caller: Caller, messages: readonly Outgoing[]): Promise<string | null> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const limited = this.limits.secondsToWait(caller) > 0;
      const outcome = limited ? 'limited' : await this.gate.publish(messages);
      if (outcome === 'acked') {
        this.limits.charge(caller, messages.length);
        countEvents('import', 'accepted', messages.length);
        return null;
      }
      if (performance.now() > deadline) {
        countEvents('import', limited ? 'limited' : 'unavailable', messages.length);
        return limited ? 'the rate limit of the key is used up' : `the broker did not take the rows (${outcome})`;
      }
      await sleep(againMs);
    }
  }
}

/** Prepares the rows by the header, which comes by itself. */
async function firstRow(rows: AsyncGenerator<SomeRows>, { kind, map }: ImportRequest) {
  try {
    const next = await rows.next();
    const [header] = next.done === true ? [] : next.value;
    if (header === undefined) throw new Problem(400, 'Bad request', 'the body is empty: send a header and rows');
    const made = compileRows(kind, header, map);
    if (typeof made !== 'string') return made;
    throw new Problem(422, 'The file cannot be understood', made);
  } catch (error) {
    await rows.return(undefined);
    throw error instanceof Unreadable ? new Problem(422, 'The file cannot be understood', error.message) : error;
  }
}
