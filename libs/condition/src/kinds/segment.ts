import type { SegmentCondition } from '@tidings/contracts';
import type { Matches } from '../compile.js';

/** The profile is in the segment. */
export function segment({ segment: id }: SegmentCondition): Matches {
  return (subject) => subject.isIn(id);
}
