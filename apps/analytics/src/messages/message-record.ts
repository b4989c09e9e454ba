/** Where a message stands. */
export type MessageState = 'in-flight' | 'sent' | 'withheld' | 'failed';

/** Something that was done with a message, or came back about it. */
export interface Outcome {
  readonly kind: string;
  readonly at: string;
  readonly endpoint: string | null;
  readonly provider: string | null;
  readonly attempt: number | null;
  readonly reason: string | null;
}

/** All that is known of one message: what was decided and why, and what became of it. Its key is workspace, day and id. */
export interface MessageRecord {
  readonly workspace: string;
  /** The UTC day on which the message became due. */
  readonly day: string;
  readonly messageId: string;
  readonly profileId: string;
  readonly channel: string;
  readonly lane: string | null;
  readonly journey: string | null;
  readonly journeyVersion: number | null;
  readonly runId: string | null;
  readonly step: string | null;
  readonly rule: string | null;
  readonly values: Readonly<Record<string, unknown>>;
  readonly endpoints: number;
  readonly state: MessageState;
  /** Why it was withheld or failed. */
  readonly reason: string | null;
  readonly decidedAt: string | null;
  readonly sentAt: string | null;
  readonly deliveredAt: string | null;
  readonly openedAt: string | null;
  readonly clickedAt: string | null;
  readonly convertedAt: string | null;
  readonly outcomes: readonly Outcome[];
}

/** What names a message's record. */
export type MessageKey = Pick<MessageRecord, 'workspace' | 'day' | 'messageId' | 'profileId' | 'channel'>;

/** A message of which nothing but its key is known. */
export const newRecord = (key: MessageKey): MessageRecord => ({
  ...key,
  lane: null,
  journey: null,
  journeyVersion: null,
  runId: null,
  step: null,
  rule: null,
  values: {},
  endpoints: 1,
  state: 'in-flight',
  reason: null,
  decidedAt: null,
  sentAt: null,
  deliveredAt: null,
  openedAt: null,
  clickedAt: null,
  convertedAt: null,
  outcomes: [],
});

/** Whether two records of one message say the same, so that nothing has to be stored or told. */
export function saysTheSame(one: MessageRecord, other: MessageRecord): boolean {
  for (const name of fields) if (one[name] !== other[name] && !isSameDocument(name, one, other)) return false;
  return true;
}

const fields = Object.keys(newRecord({ workspace: '', day: '', messageId: '', profileId: '', channel: '' })) as (keyof MessageRecord)[];

const isSameDocument = (name: keyof MessageRecord, one: MessageRecord, other: MessageRecord): boolean =>
  (name === 'values' || name === 'outcomes') && JSON.stringify(one[name]) === JSON.stringify(other[name]);
