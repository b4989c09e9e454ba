import { ChannelDispatcher, dispatchSettings, type DispatchConfig } from '@tidings/dispatch';
import type { PushContent } from '@tidings/template';
import { FcmProvider } from './providers/fcm/fcm.provider.js';

type Platform = ConstructorParameters<typeof ChannelDispatcher<PushContent>>[1];

/** Sends pushes; a provider more is a folder under `providers` and a line here. */
export class PushDispatcher extends ChannelDispatcher<PushContent> {
  constructor(config: DispatchConfig, platform: Platform) {
    super(
      {
        ...dispatchSettings(config),
        channel: 'push',
        schema: 'dispatcher_push',
        adapters: { fcm: (account) => new FcmProvider(account) },
        fill: ({ push }, { request }) => push?.(request.variables) ?? null,
      },
      platform,
    );
  }
}
