/**
 * What all dispatchers do: claim in the ledger, look a last time at recalls and suppressions, call, record, retry,
 * pause with the provider. Knows no provider but the sandbox, and no channel's content.
 */
export type { Send } from './attempt.js';
export { AddressHash } from './address-hash.js';
export { ChannelDispatcher, type ChannelOptions } from './channel-dispatcher.js';
export type { FillContent } from './contents.js';
export { dispatchEnv, dispatchSettings, type DispatchConfig } from './dispatch-env.js';
export { dispatchSchema } from './dispatch.schema.js';
export { numberSetting, textSetting } from './provider.js';
export { ChannelSuppressions } from './suppressions.controller.js';
export { ChannelDeliveries } from './deliveries.controller.js';
export type { Adapter, Provider, ProviderAccount, ProviderRequest, SendResult } from './provider.js';
