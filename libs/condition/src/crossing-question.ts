import { durationMs, type PlaceCondition } from '@tidings/contracts';
import { everGrain, keyOf } from './counter-key.js';
import type { CrossingQuestion } from './question.js';

/** The question of a `place` that was entered or left; null of one that asks where somebody is. */
export function crossingQuestion({ place: { entered, left, withinLast } }: PlaceCondition): CrossingQuestion | null {
  const circle = entered ?? left;
  if (circle === undefined) return null;
  const into = entered !== undefined;
  const lastMs = withinLast === undefined ? Infinity : durationMs(withinLast);
  const { latitude, longitude, km } = circle;
  return {
    kind: 'crossing',
    key: keyOf('g', everGrain, into ? 'entered' : 'left', [latitude, longitude, km, lastMs]),
    pointsKey: keyOf('p', everGrain, 'points', [lastMs]),
    circle,
    into,
    lastMs,
  };
}
