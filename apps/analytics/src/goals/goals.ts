import { durationMs, type AcceptedEvent, type DefinitionOf } from '@tidings/contracts';
import { matchesProperties } from '@tidings/condition';

/** What one journey is for: the event that converts, and how long after a message it may come. */
export interface JourneyGoal {
  readonly journey: string;
  readonly withinMs: number;
  readonly where: Parameters<typeof matchesProperties>[0];
}

/** The goals of a workspace by the name of the event that reaches them. */
export type Goals = ReadonlyMap<string, readonly JourneyGoal[]>;

/** The goals of published journeys. */
export function goalsOf(journeys: readonly DefinitionOf<'journey'>[]): Goals {
  const goals = journeys.flatMap(({ id, body: { goal } }) =>
    goal ? [{ event: goal.event, journey: id, withinMs: durationMs(goal.within), where: goal.where ?? [] }] : [],
  );
  return Map.groupBy(goals, ({ event }) => event);
}

/** The journeys whose goal an event reaches. */
export function reachedBy(goals: Goals, event: AcceptedEvent): readonly JourneyGoal[] {
  if (event.type !== 'track') return [];
  return (goals.get(event.name) ?? []).filter(({ where }) => matchesProperties(where, event.properties));
}
