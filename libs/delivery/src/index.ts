/**
 * Whether a message may be sent, by which rule, and to which endpoints. Knows no journey, no provider and no clock;
 * what a dispatcher looks at in the last moment (recalls, suppressions, expiry) is not decided here.
 */
export { decideSend, type SendDecision, type SendQuestion } from './decide-send.js';
