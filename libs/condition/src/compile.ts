import type { Condition } from '@tidings/contracts';
import { isOfHistory, tagged, type HistoryLeaf, type TaggedLeaf } from './condition-kind.js';
import { all } from './kinds/all.js';
import { any } from './kinds/any.js';
import { bucket } from './kinds/bucket.js';
import { computed } from './kinds/computed.js';
import { consent } from './kinds/consent.js';
import { device } from './kinds/device.js';
import { group } from './kinds/group.js';
import { listed } from './kinds/listed.js';
import { message } from './kinds/message.js';
import { not } from './kinds/not.js';
import { performed } from './kinds/performed.js';
import { place } from './kinds/place.js';
import { segment } from './kinds/segment.js';
import { sequence } from './kinds/sequence.js';
import { trait } from './kinds/trait.js';
import type { Subject } from './subject.js';

/** Whether a condition holds of somebody, now. */
export type Matches = (subject: Subject) => boolean;

/** Makes the test of a condition that was parsed. Make it once and ask it often: asking only calls closures. */
export function compile(condition: Condition): Matches {
  const of = tagged(condition);
  if (of[0] === 'all') return all(of[1], compile);
  if (of[0] === 'any') return any(of[1], compile);
  if (of[0] === 'computed') return computed(of[1]);
  return of[0] === 'not' ? not(of[1], compile) : leaf(of);
}

function leaf(of: Exclude<TaggedLeaf, readonly ['computed', unknown]>): Matches {
  return isOfHistory(of) ? ofHistory(of) : ofPerson(of);
}

function ofHistory([kind, of]: HistoryLeaf): Matches {
  switch (kind) {
    case 'performed':
      return performed(of);
    case 'sequence':
      return sequence(of);
    case 'message':
      return message(of);
    case 'listed':
      return listed(of);
  }
}

function ofPerson([kind, of]: Exclude<TaggedLeaf, HistoryLeaf | readonly ['computed', unknown]>): Matches {
  switch (kind) {
    case 'trait':
      return trait(of);
    case 'segment':
      return segment(of);
    case 'device':
      return device(of);
    case 'place':
      return place(of);
    case 'group':
      return group(of);
    case 'consent':
      return consent(of);
    case 'bucket':
      return bucket(of);
  }
}
