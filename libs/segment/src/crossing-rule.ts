import { isWithin, type CrossingQuestion, type Point } from '@tidings/condition';
import type { Values } from '@tidings/contracts';
import type { CrossingRule } from './rules.js';

/** What counts who crosses a border: it hears of every point where somebody was. */
export const crossingRule = ({ key, circle, into, lastMs }: CrossingQuestion): CrossingRule => ({
  kind: 'crossing',
  key,
  sources: [{ heard: 'place', name: 'point' }],
  looksAtProperties: true,
  exact: true,
  counts: ({ properties }) => pointOf(properties) !== null,
  segments: [],
  lastMs,
  isBehind: ({ properties }) => {
    const point = pointOf(properties);
    return point !== null && isWithin(circle, point) === into;
  },
});

function pointOf({ latitude, longitude }: Values): Point | null {
  return typeof latitude === 'number' && typeof longitude === 'number' ? { latitude, longitude } : null;
}
