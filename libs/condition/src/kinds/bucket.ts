import type { BucketCondition } from '@tidings/contracts';
import type { Matches } from '../compile.js';
import { shareOf } from '../digest.js';

/** The person is one of the share. */
export function bucket({ bucket: { percent, salt = '' } }: BucketCondition): Matches {
  return ({ person }) => shareOf(`${salt}:${person.id}`) * 100 < percent;
}
