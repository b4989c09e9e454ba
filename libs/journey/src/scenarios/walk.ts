import {
  durationMs,
  type AcceptedEvent,
  type JourneyDefinition,
  type Profile,
  type ProfileActivity,
} from '@tidings/contracts';
import { parse } from 'yaml';
import type { Effect } from '../effect.js';
import { follow, followDue, type Followed } from '../follow.js';
import { plus, type Instant } from '../instant.js';
import { compileJourney } from '../journey.js';
import { journeysOf } from '../journeys.js';
import { isActive, nextWake, noProgress, type Progress, type Run } from '../run.js';

/** When every walk begins. */
export const START: Instant = '2026-03-02T12:00:00.000Z';

/** A journey file as JSON, with what its variables stand for. */
export function journeyFile(id: string, text: string, variables: Readonly<Record<string, string>>): JourneyDefinition {
  const filled = text.replace(/\$\{(\w+)\}/g, (_, name: string) => variables[name] ?? name);
  return { id, ...(parse(filled) as Omit<JourneyDefinition, 'id'>) };
}

/** One profile on its way through journeys, with a clock that only the test moves. */
export class Walk {
  progress: Progress = noProgress;
  now: Instant = START;
  readonly effects: Effect[] = [];
  private heardUpTo = 0;
  private definitions: readonly (readonly [JourneyDefinition, number])[];

  constructor(
    definitions: readonly JourneyDefinition[],
    public profile: Profile = aProfile(),
  ) {
    this.definitions = definitions.map((definition) => [definition, 1] as const);
  }

  /** Publishes the next version of a journey. */
  publish(definition: JourneyDefinition): void {
    const versions = this.definitions.filter(([{ id }]) => id === definition.id).length;
    this.definitions = [...this.definitions, [definition, versions + 1]];
  }

  /** An event now. */
  event(name: string, properties: AcceptedEvent['properties'] = {}, more: Partial<AcceptedEvent> = {}): Effect[] {
    return this.activity({ event: { ...anEvent(name, this.now), properties, ...more } });
  }

  /** Any activity now. */
  activity(more: Partial<ProfileActivity>): Effect[] {
    return this.take(follow(this.journeys(), this.progress, this.next(more), null));
  }

  /** Lets time pass; what falls due on the way is woken then, as a poller that is never late would. */
  pass(duration: string): Effect[] {
    const end = plus(this.now, durationMs(duration));
    const effects: Effect[] = [];
    for (let due = nextWake(this.progress); due !== null && due <= end; due = nextWake(this.progress)) {
      effects.push(...this.take(followDue(this.journeys(), this.progress, due)));
    }
    this.now = end;
    return effects;
  }

  /** Lets time pass while nobody wakes anybody: an outage. */
  outage(duration: string): void {
    this.now = plus(this.now, durationMs(duration));
  }

  /** Wakes what is due by now. */
  wake(): Effect[] {
    return this.take(followDue(this.journeys(), this.progress, this.now));
  }

  /** Messages asked for so far: minutes after the start, step, channels. */
  messages(): readonly string[] {
    return this.effects.flatMap((effect) =>
      effect.kind === 'decide'
        ? [
            `${minutes(effect.at)} ${effect.run.step}: ${effect.message.channels.map(({ channel }) => channel).join(', ')}`,
          ]
        : [],
    );
  }

  active(): readonly Run[] {
    return this.progress.runs.filter(isActive);
  }

  private next(more: Partial<ProfileActivity>): ProfileActivity {
    this.heardUpTo += 1;
    return {
      v: 1,
      workspace: 'demo',
      profileId: this.profile.id,
      cause: { source: 'events/0', position: this.heardUpTo },
      event: null,
      profile: this.profile,
      entered: [],
      left: [],
      withdrawn: [],
      at: this.now,
      ...more,
    };
  }

  private journeys() {
    const compiled = this.definitions.map(([definition, version]) => compileJourney(definition, version));
    const current = new Map(compiled.map((journey) => [journey.id, journey]));
    return journeysOf([...current.values()], (id, version) => {
      const found = compiled.find((journey) => journey.id === id && journey.version === version);
      if (found === undefined) throw new Error(`there is no version ${version} of ${id}`);
      return found;
    });
  }

  private take({ progress, effects }: Followed): Effect[] {
    this.progress = progress;
    this.effects.push(...effects);
    return [...effects];
  }
}

/** What a journey needs to begin by `Begin`, with these steps. */
export const aJourney = (
  steps: JourneyDefinition['steps'],
  more: Partial<JourneyDefinition> = {},
): JourneyDefinition => ({
  id: 'journey',
  entry: [{ event: 'Begin' }],
  steps,
  ...more,
});

/** A profile with one phone and a mailbox. */
export const aProfile = (more: Partial<Profile> = {}): Profile => ({
  id: 'p-1',
  version: 1,
  traits: { email: 'p1@example.com', first_name: 'P' },
  devices: [{ id: 'phone', type: 'ios', token: 'token-1', seenAt: START }],
  consent: {},
  timezone: null,
  locale: null,
  segments: [],
  createdAt: START,
  ...more,
});

/** Something the profile did. */
export const anEvent = (name: string, at: Instant = START): AcceptedEvent => ({
  v: 1,
  workspace: 'demo',
  profileId: 'p-1',
  messageId: `${name} at ${at}`,
  type: 'track',
  name,
  userId: 'p-1',
  anonymousId: null,
  properties: {},
  traits: {},
  context: {},
  timestamp: at,
  receivedAt: at,
  source: 'http',
});

/** Effects in a line each: kind, and where the run was. */
export const told = (effects: readonly Effect[]): readonly string[] =>
  effects.map((effect) => {
    if (effect.kind === 'run-refused') return `run-refused ${effect.journey}`;
    if (effect.kind === 'recall-channel') return `recall-channel ${effect.channel}`;
    if (effect.kind === 'run-ended') return `run-ended ${effect.outcome}`;
    return `${effect.kind} ${effect.run.step}`;
  });

const minutes = (at: Instant): string => `+${(Date.parse(at) - Date.parse(START)) / 60_000}m`;
