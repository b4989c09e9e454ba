import type { Journey } from './journey.js';
import type { Run } from './run.js';

/** The journeys of one workspace: those that may begin runs, found by what begins them, and every version that runs are on. */
export interface Journeys {
  readonly byEvent: ReadonlyMap<string, readonly Journey[]>;
  readonly bySegment: ReadonlyMap<string, readonly Journey[]>;
  readonly byApi: ReadonlyMap<string, Journey>;
  /** The version that a run is on; throws when it is not known here. */
  readonly of: (run: Run) => Journey;
}

/** Indexes the current version of each journey that is not archived; `find` answers for versions in flight. */
export function journeysOf(current: readonly Journey[], find: (id: string, version: number) => Journey): Journeys {
  const byVersion = new Map(current.map((journey) => [versionKey(journey.id, journey.version), journey]));
  return {
    byEvent: index(current, ({ eventEntries }) => eventEntries.map(({ event }) => event)),
    bySegment: index(current, ({ segmentEntries }) => segmentEntries.map(({ segment }) => segment)),
    byApi: new Map(current.filter(({ apiEntry }) => apiEntry).map((journey) => [journey.id, journey])),
    of: ({ journey, version }) => {
      const known = byVersion.get(versionKey(journey, version)) ?? find(journey, version);
      byVersion.set(versionKey(journey, version), known);
      return known;
    },
  };
}

const versionKey = (id: string, version: number): string => `${id}@${version}`;

function index(journeys: readonly Journey[], namesOf: (journey: Journey) => readonly string[]): Map<string, Journey[]> {
  const found = new Map<string, Journey[]>();
  for (const journey of journeys) {
    for (const name of new Set(namesOf(journey))) found.set(name, [...(found.get(name) ?? []), journey]);
  }
  return found;
}
