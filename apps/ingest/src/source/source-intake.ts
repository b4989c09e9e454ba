import { setImmediate as turn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { deadLetter, outgoing, type Outgoing } from '@tidings/bus';
import { events, type AcceptedEvent } from '@tidings/contracts';
import { countEvents } from '../ingest-metrics.js';
import { sentenceOf } from '../refused-event.js';
import { acceptMapped } from './accept-mapped.js';
import { sourceRecordBytes, type RawRecord } from './source-record.js';
import { SourceTally, type SourceCounts } from './source-tally.js';
import type { Source } from './sources.js';

/** A record of a source, and where it stood there. */
export interface PlacedRecord extends RawRecord {
  readonly partition: number;
  readonly offset: number;
  /** What the ids of its events begin with. */
  readonly id: string;
  readonly traceparent: string | null;
}

/** What to publish of records, and how many of them were refused. */
export interface Intake {
  readonly messages: readonly Outgoing[];
  readonly refused: number;
}

/** The headers of a source's dead letter that lead it back through its source when it is redriven. */
export const sourceHeaders = { workspace: 'workspace', source: 'tidings-source', at: 'tidings-source-at' } as const;

/** Mapping may take this long before others have their turn. */
const turnMs = 10;

/** Makes events and dead letters of the records of sources, and keeps count. */
@Injectable()
export class SourceIntake {
  private readonly tallies = new Map<string, SourceTally>();

  /** Each record becomes its events, nothing, or a dead letter; others have their turn in between, however long it takes. */
  async take(source: Source, records: readonly PlacedRecord[], door: AcceptedEvent['source'], signal?: AbortSignal): Promise<Intake> {
    const messages: Outgoing[] = [];
    let refused = 0;
    let since = performance.now();
    for (const record of records) {
      const made = await this.takeOne(source, record, door);
      if (made.letter) refused++;
      messages.push(...made.messages);
      if (performance.now() - since < turnMs) continue;
      await turn();
      signal?.throwIfAborted();
      since = performance.now();
    }
    return { messages, refused };
  }

  /** What became of a source's records here so far. */
  counts({ workspace, definition }: Source): SourceCounts {
    return this.tally(workspace, definition.id).read();
  }

  private async takeOne(source: Source, record: PlacedRecord, door: AcceptedEvent['source']) {
    const { workspace, definition, compiled } = source;
    const tally = this.tally(workspace, definition.id);
    const now = new Date();
    const answer = await acceptMapped(record, compiled, { workspace, source: door, now, id: record.id });
    switch (answer.kind) {
      case 'ignored':
        tally.ignore();
        countEvents('source', 'ignored');
        return { messages: [], letter: false };
      case 'events':
        tally.accepted(answer.events.length);
        countEvents('source', 'accepted', answer.events.length);
        return { messages: answer.events.map((event) => outgoing(events, event, record.traceparent)), letter: false };
      case 'refused': {
        const reason = sentenceOf(answer.refusal);
        tally.refuse({ at: now.toISOString(), place: `${record.partition}/${record.offset}`, reason });
        countEvents('source', 'dead-letter');
        return { messages: [letterOf(source, record, reason)], letter: true };
      }
    }
  }

  private tally(workspace: string, id: string): SourceTally {
    const key = `${workspace}:${id}`;
    let tally = this.tallies.get(key);
    if (tally === undefined) this.tallies.set(key, (tally = new SourceTally()));
    return tally;
  }
}

/**
 * The topic of a letter is the source, not the customer's topic: nothing may ever be redriven into that, where others
 * read too, and it may bear the name of one of ours.
 */
function letterOf({ workspace, definition }: Source, record: PlacedRecord, reason: string): Outgoing {
  const { partition, offset, key, value, traceparent } = record;
  const bytes = value?.length ?? 0;
  const kept = bytes <= sourceRecordBytes;
  const headers = {
    ...record.headers,
    [sourceHeaders.workspace]: workspace,
    [sourceHeaders.source]: definition.id,
    [sourceHeaders.at]: record.at.toISOString(),
  };
  return deadLetter(
    { topic: `source:${definition.id}`, partition, offset, key, headers, traceparent, value: kept ? value : null },
    { reason: kept ? reason : `${reason} (its ${bytes} bytes are too many to be kept here)`, errorClass: 'Refusal', consumer: 'ingest', attempts: 1 },
  );
}
