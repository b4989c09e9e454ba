import { outgoing, type Outgoing } from '@tidings/bus';
import {
  channels,
  journeyActivity,
  recalls,
  sends,
  toldTogether,
  type Channel,
  type JourneyRef,
  type Lane,
  type MessageDecided,
  type Profile,
  type ProfileActivity,
  type RunActivity,
  type SendRequested,
} from '@tidings/contracts';
import { decideSend, suppressionAfter, type SendDecision } from '@tidings/delivery';
import { messageId, plus, type Effect, type Run } from '@tidings/journey';
import type { Rules } from './workspace-rules.js';

/** What effects came of: whose they are, by which rules they are decided, and the trace they belong to. */
export interface Occasion {
  readonly workspace: string;
  readonly profileId: string;
  /** Ids under which messages were requested before they were merged into this one. */
  readonly formerly: readonly string[];
  readonly profile: Profile;
  readonly rules: Rules;
  /** Null for a wake, whose outputs belong to the traces of its runs. */
  readonly traceparent: string | null;
}

/** What is to be published, and what is counted once it was. */
export class Outputs {
  private readonly told: Told[] = [];
  private readonly recalled: Outgoing[] = [];
  private readonly requested: Outgoing[] = [];
  /** The reason of each message that was withheld, and of each run that was refused. */
  readonly suppressed: string[] = [];

  /** Adds what came of one activity or wake. */
  add(effects: readonly Effect[], occasion: Occasion): void {
    for (const effect of effects) this.addOne(effect, occasion);
  }

  /** Adds what a report about a message means for the address that it went to; dispatchers know that by its hash. */
  addReport({ workspace, profileId, event, at }: ProfileActivity, traceparent: string | null): void {
    const reason = event === null ? null : suppressionAfter(event);
    const { receipt } = event ?? {};
    const channel = channels.find((known) => known === receipt?.channel);
    if (reason === null || receipt?.address === undefined || channel === undefined) return;
    const { address, messageId } = receipt;
    const recalled = { v: 1, workspace, profileId, runId: null, channel, reason, at, address, messageId } as const;
    this.recalled.push(outgoing(recalls, recalled, traceparent));
  }

  /** Decisions come before the sends that they allow. What one cause made happen in one run is one record. */
  messages(): readonly Outgoing[] {
    return [...this.told.map(({ activities, traceparent }) => outgoing(journeyActivity, toldTogether(activities), traceparent)), ...this.recalled, ...this.requested];
  }

  private tell(activity: RunActivity, traceparent: string | null): void {
    const last = this.told.at(-1);
    if (last !== undefined && last.traceparent === traceparent && isOfOneRun(last.activities[0], activity)) last.activities.push(activity);
    else this.told.push({ activities: [activity], traceparent });
  }

  private addOne(effect: Effect, occasion: Occasion): void {
    switch (effect.kind) {
      case 'run-started':
      case 'step-entered':
      case 'run-ended':
        this.tell({ ...told(effect), ...about(effect, occasion) }, traceOf(effect.run, occasion));
        return;
      case 'decide':
        for (const asked of effect.message.channels) this.decide(effect, asked, occasion);
        return;
      case 'recall-run':
        this.recall(effect.run, null, effect.at, occasion);
        return;
      case 'recall-channel':
        this.recall(null, effect.channel, effect.at, occasion);
        return;
      case 'run-refused':
        this.suppressed.push('too-many-runs');
        return;
    }
  }

  private decide(effect: Decide, { channel, template: id }: Asked, occasion: Occasion): void {
    const { profile, rules } = occasion;
    const template = rules.template(id);
    const decision = decideSend({
      channel,
      profile,
      consentModel: rules.consentModel,
      hasTemplate: template?.has(channel) ?? false,
    });
    const message: Message = {
      ...about(effect, occasion),
      messageId: messageId(effect.run.id, effect.run.visit, channel),
      channel,
      lane: effect.message.lane,
      // A template that nobody published has no version; the decision says that it was missing.
      template: { id, version: template?.version ?? 1 },
    };
    const traceparent = traceOf(effect.run, occasion);
    this.tell(decided(message, decision), traceparent);
    if (decision.kind === 'withhold') this.suppressed.push(decision.rule);
    else
      this.requested.push(
        outgoing(sends(channel, message.lane), request(message, decision, effect, profile), traceparent),
      );
  }

  private recall(run: Run | null, channel: Channel | null, at: string, occasion: Occasion): void {
    const { workspace } = occasion;
    const reason = run === null ? 'consent-withdrawn' : 'exited';
    const traceparent = run === null ? occasion.traceparent : traceOf(run, occasion);
    // A message is looked for under the id it was requested under.
    const former = run === null ? occasion.formerly : (run.formerly ?? []);
    for (const profileId of new Set([occasion.profileId, ...former])) {
      const recalled = { v: 1 as const, workspace, profileId, runId: run?.id ?? null, channel, reason, at } as const;
      this.recalled.push(outgoing(recalls, recalled, traceparent));
    }
  }
}

/** Activities that go out as one record. */
interface Told {
  readonly activities: [RunActivity, ...RunActivity[]];
  readonly traceparent: string | null;
}

const isOfOneRun = (one: RunActivity, other: RunActivity): boolean =>
  one.journey.runId === other.journey.runId && one.profileId === other.profileId && one.workspace === other.workspace && one.at === other.at;

type Decide = Extract<Effect, { kind: 'decide' }>;
type Asked = Decide['message']['channels'][number];
type OfRun = Extract<Effect, { run: Run }>;

/** What a decision and its send have in common. */
interface Message extends ReturnType<typeof about> {
  readonly messageId: string;
  readonly channel: Channel;
  readonly lane: Lane;
  readonly template: SendRequested['template'];
}

const traceOf = (run: Run, { traceparent }: Occasion): string | null => traceparent ?? run.traceparent;

function told(effect: Extract<Effect, { kind: 'run-started' | 'step-entered' | 'run-ended' }>) {
  switch (effect.kind) {
    case 'run-started':
      return { kind: effect.kind, entry: effect.entry };
    case 'step-entered':
      return { kind: effect.kind, visit: effect.run.visit };
    case 'run-ended':
      return { kind: effect.kind, outcome: effect.outcome };
  }
}

function about({ run, at }: OfRun, { workspace, profileId }: Occasion) {
  const journey: JourneyRef = { id: run.journey, version: run.version, runId: run.id, step: run.step };
  return { v: 1 as const, workspace, profileId, journey, at };
}

function decided(message: Message, { kind, rule, values, ...decision }: SendDecision): MessageDecided {
  const endpoints = 'endpoints' in decision ? decision.endpoints.map(({ id }) => id) : [];
  return { ...message, kind: 'message-decided', outcome: kind, rule, values, endpoints };
}

function request(
  { at, ...message }: Message,
  { endpoints }: Extract<SendDecision, { kind: 'send' }>,
  { run, message: asked }: Decide,
  profile: Profile,
): SendRequested {
  return {
    ...message,
    endpoints: [...endpoints],
    variables: { profile: shownIn(profile), event: run.event, journey: { id: run.journey } },
    dueAt: at,
    causedAt: at,
    expiresAt: plus(at, asked.expiresAfterMs),
  };
}

/** Names only: a text has no use for a point. A trait that is called `place` comes before it. */
function placeOf({ place }: Profile): { readonly place?: Record<string, string> } {
  if (place?.area === undefined) return {};
  const { at: _at, ...names } = place.area;
  return { place: names };
}

/** The traits and the id of each group, the longest first. */
const groupsOf = ({ groups }: Profile) =>
  groups === undefined ? {} : { groups: groups.map(({ id, traits }) => ({ ...traits, id })) };

/** What templates call `profile`: its traits, its id, where it is and, where there are any, its groups and its computed traits. */
function shownIn(profile: Profile) {
  const { traits, id, computed } = profile;
  return { ...placeOf(profile), ...groupsOf(profile), ...traits, id, ...(computed && { computed }) };
}
