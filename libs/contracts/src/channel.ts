import Type, { type Static } from 'typebox';

/** How a message reaches a recipient. */
export const Channel = Type.Enum(['push', 'email']);
export type Channel = Static<typeof Channel>;

/** All channels, in the order in which documents and pages list them. */
export const channels: readonly Channel[] = ['push', 'email'];

/** Reserved capacity: a lane has topics of its own, so that bulk never delays a password reset. */
export const Lane = Type.Enum(['transactional', 'triggered', 'bulk']);
export type Lane = Static<typeof Lane>;

/** All lanes, the most urgent first. */
export const lanes: readonly Lane[] = ['transactional', 'triggered', 'bulk'];
