/**
 * Whether a message may be sent, by which rule, and to which endpoints, and what a report about one means for its address. Knows no journey, no provider and no clock;
 * what a dispatcher looks at in the last moment (recalls, suppressions, expiry) is not decided here.
 */
export { decideSend, type SendDecision, type SendQuestion } from './decide-send.js';
export { suppressionAfter } from './suppression-after.js';
