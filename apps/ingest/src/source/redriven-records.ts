import { Injectable } from '@nestjs/common';
import type { Envelope, Outgoing } from '@tidings/bus';
import { IngestSettings } from '../ingest.settings.js';
import { sourceHeaders, SourceIntake, type PlacedRecord } from './source-intake.js';
import { Sources, type Source } from './sources.js';

type InboundRecord = Envelope<Buffer | null>;

/** The records of a batch that sources once refused, and what they became now. */
export interface Redriven {
  readonly records: ReadonlySet<InboundRecord>;
  readonly messages: readonly Outgoing[];
}

/**
 * Dead letters of sources come back by the topic `inbound`, as all that has no topic of ours to go back to. Their
 * headers name the source, and they become what its mapping says now.
 */
@Injectable()
export class RedrivenRecords {
  constructor(
    private readonly sources: Sources,
    private readonly intake: SourceIntake,
    private readonly settings: IngestSettings,
  ) {}

  /** Null when there are none in the batch, which is nearly always. */
  async take(batch: readonly InboundRecord[], signal: AbortSignal): Promise<Redriven | null> {
    let records: Map<InboundRecord, Source> | null = null;
    for (const record of batch) {
      const source = this.sourceOf(record);
      if (source !== undefined) (records ??= new Map()).set(record, source);
    }
    if (records === null) return null;
    const messages: Outgoing[] = [];
    for (const [record, source] of records) {
      const taken = await this.intake.take(source, [placed(record, source)], 'kafka', signal);
      messages.push(...taken.messages);
    }
    return { records: new Set(records.keys()), messages };
  }

  private sourceOf({ headers }: InboundRecord): Source | undefined {
    const id = headers[sourceHeaders.source];
    if (id === undefined) return undefined;
    const { INBOUND_WORKSPACE: workspace } = this.settings.config;
    return (headers[sourceHeaders.workspace] ?? workspace) === workspace ? this.sources.find(workspace, id) : undefined;
  }
}

/** A letter keeps the time at which it first came, so that its events have the time that they would have had. */
function placed(record: InboundRecord, { definition }: Source): PlacedRecord {
  const { value, key, headers, partition, offset, traceparent, timestamp } = record;
  const first = new Date(headers[sourceHeaders.at] ?? '');
  const at = Number.isNaN(first.getTime()) ? timestamp : first;
  return { value, key, headers, at, partition, offset, traceparent, id: `${definition.id}/inbound/${partition}/${offset}/${timestamp.getTime()}` };
}
