import type { Condition } from '@tidings/contracts';
import { tagged } from './condition-kind.js';
import { all } from './kinds/all.js';
import { any } from './kinds/any.js';
import { not } from './kinds/not.js';
import { performed } from './kinds/performed.js';
import { segment } from './kinds/segment.js';
import { trait } from './kinds/trait.js';
import type { Subject } from './subject.js';

/** Whether a condition holds of somebody, now. */
export type Matches = (subject: Subject) => boolean;

/** Makes the test of a condition that was parsed. Make it once and ask it often: asking only calls closures. */
export function compile(condition: Condition): Matches {
  const [kind, of] = tagged(condition);
  switch (kind) {
    case 'all':
      return all(of, compile);
    case 'any':
      return any(of, compile);
    case 'not':
      return not(of, compile);
    case 'trait':
      return trait(of);
    case 'performed':
      return performed(of);
    case 'segment':
      return segment(of);
  }
}
