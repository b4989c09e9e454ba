import type { AcceptedEvent, JourneyDefinition, Step as StepDefinition } from '@tidings/contracts';
import { hears, keyAt, type Hears } from './event-rule.js';
import { END } from './run.js';
import { compileStep, type Step } from './steps/step.js';

/** One version of a journey, ready to be walked. */
export interface Journey {
  readonly id: string;
  readonly version: number;
  /** The tests of its event entries, by the event's name. */
  readonly eventEntries: readonly { readonly event: string; readonly isMeant: Hears }[];
  /** The segments that begin runs when they are entered; `backfill`: also by those who are in one when it is published. */
  readonly segmentEntries: readonly { readonly segment: string; readonly backfill: boolean }[];
  readonly apiEntry: boolean;
  /** The key an entry event carries; null when the journey has none. Undefined: the event lacks it, so no run begins. */
  readonly keyOf: (event: AcceptedEvent | null) => string | null | undefined;
  readonly exits: readonly Hears[];
  readonly first: string;
  readonly steps: ReadonlyMap<string, Step>;
}

/** Compiles a definition that `checkJourney` found nothing wrong with. */
export function compileJourney(definition: JourneyDefinition, version: number): Journey {
  const { id, entry, key, exit = [] } = definition;
  const steps = compileSteps(definition.steps);
  return {
    id,
    version,
    eventEntries: entry.flatMap((way) => ('event' in way ? [{ event: way.event, isMeant: hears(way) }] : [])),
    segmentEntries: entry.flatMap((way) => ('segment' in way ? [{ segment: way.segment, backfill: way.backfill ?? false }] : [])),
    apiEntry: entry.some((way) => 'api' in way),
    keyOf: key === undefined ? () => null : (event) => (event === null ? undefined : (keyAt(event, key) ?? undefined)),
    exits: exit.map(hears),
    first: steps[0]?.id ?? END,
    steps: new Map(steps.map((step) => [step.id, step])),
  };
}

/** Each step with what follows it resolved: the next in the list, and `end` after the last. */
export const compileSteps = (definitions: readonly StepDefinition[]): readonly Step[] =>
  definitions.map((definition, index) => compileStep(definition, definitions[index + 1]?.id ?? END));
