import type { Topic } from '../topic.js';
import { events } from './accepted-event.js';
import { analyticsFacts } from './analytics-fact.js';
import { deadLetters } from './dead-letter.js';
import { definitions } from './definition-record.js';
import { deliveryEvents } from './delivery-event.js';
import { erasures } from './erasure-step.js';
import { inbound } from './inbound.js';
import { journeyActivity } from './journey-activity.js';
import { profileActivity } from './profile-activity.js';
import { sandboxMessages } from './sandbox-message.js';
import { recalls } from './send-recalled.js';
import { allSends } from './send-requested.js';

/** Every topic of an installation. */
export const allTopics: readonly Topic[] = [
  inbound,
  events,
  profileActivity,
  journeyActivity,
  ...allSends,
  recalls,
  deliveryEvents,
  analyticsFacts,
  definitions,
  deadLetters,
  sandboxMessages,
  erasures,
];
