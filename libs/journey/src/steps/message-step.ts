import { channels, durationMs, type MessageStep } from '@tidings/contracts';
import type { Static } from 'typebox';
import type { MessageAsked } from '../effect.js';
import type { Step } from './step.js';

const EXPIRES_AFTER = '1d';

/** Asks for a message on each channel it names, and goes on at once. */
export function messageStep(definition: Static<typeof MessageStep>, following: string): Step {
  const { message: asked, next: to = following } = definition;
  const message: MessageAsked = {
    channels: channels.flatMap((channel) => {
      const content = asked[channel];
      return content === undefined ? [] : [{ channel, template: content.template }];
    }),
    lane: asked.lane ?? 'triggered',
    expiresAfterMs: durationMs(asked.expiresAfter ?? EXPIRES_AFTER),
  };
  return {
    id: definition.id,
    targets: [{ field: 'next', to }],
    visit: ({ since }) => ({ kind: 'send', to, at: since, message }),
  };
}
