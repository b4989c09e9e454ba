import Type, { type Static } from 'typebox';
import { Channel } from '../channel.js';
import { Id, Instant, Values } from '../shapes.js';
import { profileKey, topic } from '../topic.js';

/** A message that a sandbox provider accepted: what a phone or a mailbox would show. */
export const SandboxMessage = Type.Object({
  v: Type.Literal(1),
  workspace: Id,
  profileId: Id,
  messageId: Type.String({ format: 'uuid' }),
  endpoint: Id,
  channel: Channel,
  provider: Type.String(),
  to: Type.String(),
  /** As rendered for the channel: push has `title` and `body`, e-mail `subject`, `html` and `text`. */
  content: Values,
  at: Instant,
  journey: Id,
  step: Id,
});
export type SandboxMessage = Static<typeof SandboxMessage>;

/** What the sandbox providers delivered, for the sandbox page. */
export const sandboxMessages = topic({
  name: 'sandbox-messages',
  description: 'Messages accepted by the sandbox providers, which deliver to the sandbox page instead of a person.',
  schema: SandboxMessage,
  key: profileKey,
  retentionDays: 7,
});
