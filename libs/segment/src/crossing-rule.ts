import { isWithin, type CrossingQuestion, type Point } from '@tidings/condition';
import type { Values } from '@tidings/contracts';
import type { CircleIndex } from './circle-index.js';
import type { Crossing } from './crossing.js';
import type { Occurrence, Rule } from './rules.js';

/** When somebody's points were, wherever they were: what is known of every border that they were never inside of. */
export interface PointsRule extends Rule, Crossing {
  readonly kind: 'points';
}

/** When a border was last crossed; nothing is kept of it while nothing is known of its inner side. */
export interface CrossingRule extends Rule, Crossing {
  readonly kind: 'crossing';
  /** Into the circle, or out of it. */
  readonly into: boolean;
  /** Whether a point lies where the crossing leads to. */
  readonly isBehind: (occurrence: Occurrence) => boolean;
  /** What notes all points for as long as this one asks. */
  readonly points: PointsRule;
  /** The keys of all borders that were published together, this one among them, by their circles. */
  readonly near: CircleIndex<string>;
}

const hearsOfPoints = {
  sources: [{ heard: 'place', name: 'point' }],
  looksAtProperties: true,
  exact: true,
  counts: ({ properties }: Occurrence) => pointOf(properties) !== null,
  segments: [],
} as const;

/** What counts who crosses a border; it is found among `near` from now on. */
export function crossingRule({ key, pointsKey, circle, into, lastMs }: CrossingQuestion, near: CircleIndex<string>): CrossingRule {
  near.add(circle, key);
  return {
    kind: 'crossing',
    key,
    ...hearsOfPoints,
    lastMs,
    into,
    isBehind: ({ properties }) => {
      const point = pointOf(properties);
      return point !== null && isWithin(circle, point) === into;
    },
    points: { kind: 'points', key: pointsKey, ...hearsOfPoints, lastMs },
    near,
  };
}

/** Where somebody was, as an occurrence has it; null where it does not say. */
export function pointOf({ latitude, longitude }: Values): Point | null {
  return typeof latitude === 'number' && typeof longitude === 'number' ? { latitude, longitude } : null;
}
