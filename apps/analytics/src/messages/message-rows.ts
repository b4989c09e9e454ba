import { rowSet } from '@tidings/postgres';
import type { MessageRecord, MessageState, Outcome } from './message-record.js';

/** A row of the table as Postgres gives it. */
export interface MessageRow {
  readonly day: string;
  readonly workspace: string;
  readonly message_id: string;
  readonly profile_id: string;
  readonly channel: string;
  readonly lane: string | null;
  readonly journey: string | null;
  readonly journey_version: number | null;
  readonly run_id: string | null;
  readonly step: string | null;
  readonly rule: string | null;
  readonly values: Readonly<Record<string, unknown>>;
  readonly endpoints: number;
  readonly state: MessageState;
  readonly reason: string | null;
  readonly decided_at: Date | null;
  readonly sent_at: Date | null;
  readonly delivered_at: Date | null;
  readonly opened_at: Date | null;
  readonly clicked_at: Date | null;
  readonly converted_at: Date | null;
  readonly outcomes: readonly Outcome[];
}

/** The columns of a record, of the table aliased `m`. */
export const columns = `m.day::text as day, m.workspace, m.message_id, m.profile_id, m.channel, m.lane, m.journey, m.journey_version, m.run_id, m.step,
  m.rule, m."values", m.endpoints, m.state, m.reason, m.decided_at, m.sent_at, m.delivered_at, m.opened_at, m.clicked_at, m.converted_at, m.outcomes`;

const set = rowSet({
  day: 'date',
  workspace: 'text',
  message_id: 'uuid',
  profile_id: 'text',
  channel: 'text',
  lane: 'text',
  journey: 'text',
  journey_version: 'int4',
  run_id: 'text',
  step: 'text',
  rule: 'text',
  values: 'jsonb',
  endpoints: 'int4',
  state: 'text',
  reason: 'text',
  decided_at: 'timestamptz',
  sent_at: 'timestamptz',
  delivered_at: 'timestamptz',
  opened_at: 'timestamptz',
  clicked_at: 'timestamptz',
  converted_at: 'timestamptz',
  outcomes: 'jsonb',
});

/** A record as a row of `toRow.set`. */
export const toRow = Object.assign(
  (record: MessageRecord) => ({
    day: record.day,
    workspace: record.workspace,
    message_id: record.messageId,
    profile_id: record.profileId,
    channel: record.channel,
    lane: record.lane,
    journey: record.journey,
    journey_version: record.journeyVersion,
    run_id: record.runId,
    step: record.step,
    rule: record.rule,
    values: record.values,
    endpoints: record.endpoints,
    state: record.state,
    reason: record.reason,
    decided_at: record.decidedAt,
    sent_at: record.sentAt,
    delivered_at: record.deliveredAt,
    opened_at: record.openedAt,
    clicked_at: record.clickedAt,
    converted_at: record.convertedAt,
    outcomes: record.outcomes,
  }),
  { set },
);

const instant = (date: Date | null): string | null => date?.toISOString() ?? null;

/** A row as a record. */
export function toRecord(row: MessageRow): MessageRecord {
  const { day, workspace, channel, lane, journey, step, rule, values, endpoints, state, reason, outcomes } = row;
  return {
    workspace,
    day,
    messageId: row.message_id,
    profileId: row.profile_id,
    channel,
    lane,
    journey,
    journeyVersion: row.journey_version,
    runId: row.run_id,
    step,
    rule,
    values,
    endpoints,
    state,
    reason,
    decidedAt: instant(row.decided_at),
    sentAt: instant(row.sent_at),
    deliveredAt: instant(row.delivered_at),
    openedAt: instant(row.opened_at),
    clickedAt: instant(row.clicked_at),
    convertedAt: instant(row.converted_at),
    outcomes,
  };
}
