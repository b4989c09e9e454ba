import { clockSource, isBackfill, moveOf, type AnalyticsFact, type FactKind, type ProfileActivity, type RunActivity } from '@tidings/contracts';
import type { MessageRecord } from '../messages/message-record.js';
import { countsOf, type Metric } from '../rollups/tally.js';
import { factId } from './fact-id.js';

type Told = Pick<AnalyticsFact, 'fact' | 'at' | 'workspace' | 'profileId'> & Partial<AnalyticsFact>;

/** A fact with every column; `cause` names it, so that a replay tells the same fact under the same id. */
function fact(cause: readonly string[], told: Told): AnalyticsFact {
  return {
    schemaVersion: 1,
    factId: factId([told.workspace, told.fact, ...cause]),
    eventId: null,
    eventName: null,
    segment: null,
    journey: null,
    journeyVersion: null,
    runId: null,
    step: null,
    messageId: null,
    channel: null,
    lane: null,
    provider: null,
    reason: null,
    ...told,
  };
}

/** The event that was accepted, and the segments the profile entered and left. */
export function factsOfActivity(activity: ProfileActivity): AnalyticsFact[] {
  const { workspace, profileId, cause, event, entered, left, at } = activity;
  const about = { workspace, profileId };
  const eventId = event?.messageId ?? null;
  const accepted =
    event === null
      ? []
      : [fact([profileId, event.messageId], { ...about, fact: 'event.accepted', at: event.timestamp, eventId, eventName: event.name })];
  const reason = isBackfill(cause) ? 'backfill' : null;
  // What falls due is told again as of the same instant, though maybe behind an event that was told after it before.
  const { source, position } = cause.source === clockSource ? cause : moveOf(activity);
  const moved = (kind: FactKind, segments: readonly string[]) =>
    segments.map((segment) => fact([profileId, source, String(position), segment], { ...about, fact: kind, at, segment, eventId, reason }));
  return [...accepted, ...moved('segment.entered', entered), ...moved('segment.left', left)];
}

/** A run that started, came to a step or ended. Decisions are told with what their message counts for. */
export function factsOfJourney(activity: RunActivity): AnalyticsFact[] {
  const { workspace, profileId, at, journey } = activity;
  const about = { workspace, profileId, at, journey: journey.id, journeyVersion: journey.version, runId: journey.runId, step: journey.step };
  switch (activity.kind) {
    case 'run-started':
      return [fact([journey.runId], { ...about, fact: 'run.started', reason: activity.entry })];
    case 'step-entered':
      return [fact([journey.runId, String(activity.visit)], { ...about, fact: 'run.step' })];
    case 'run-ended':
      return [fact([journey.runId], { ...about, fact: 'run.ended', reason: activity.outcome })];
    case 'message-decided':
      return [];
  }
}

const factOf: Readonly<Record<Exclude<Metric, 'accepted'>, FactKind>> = {
  sent: 'message.sent',
  withheld: 'message.withheld',
  failed: 'message.failed',
  delivered: 'message.delivered',
  opened: 'message.opened',
  clicked: 'message.clicked',
  converted: 'message.converted',
};

/** What a message counts for now and did not before; and its decision, once that is known. */
export function factsOfMessage(before: MessageRecord | null, after: MessageRecord, at: string): AnalyticsFact[] {
  const was = before === null ? [] : countsOf(before);
  const about = aboutMessage(after);
  const decided =
    after.decidedAt !== null && (before === null || before.decidedAt === null)
      ? [fact([after.messageId], { ...about, fact: 'message.decided', at: after.decidedAt, reason: after.rule })]
      : [];
  const news = countsOf(after).flatMap(({ metric, reason }) =>
    metric === 'accepted' || was.some((count) => count.metric === metric) ? [] : [fact([after.messageId], { ...about, fact: factOf[metric], at, reason: reason || null })],
  );
  return [...decided, ...news];
}

function aboutMessage(record: MessageRecord) {
  const { workspace, profileId, messageId, channel, lane, journey, journeyVersion, runId, step, outcomes } = record;
  const provider = outcomes.findLast(({ provider: by }) => by !== null)?.provider ?? null;
  return { workspace, profileId, messageId, channel, lane, journey, journeyVersion, runId, step, provider };
}
