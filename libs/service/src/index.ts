/**
 * What every service is run with: settings, start and end, health, logs, metrics, traces, definitions in memory,
 * API keys, secrets. Knows nothing of what a service decides.
 */
export * from './api-key.js';
export { authenticateBasic, authenticateBearer, authenticateKey, type Caller } from './authenticate.js';
export { Catalog, type CatalogKey } from './catalog.js';
export * from './definition-unknown.js';
export * from './env.js';
export { erasedTable } from './erased.schema.js';
export { ErasedIds } from './erased-ids.store.js';
export { erasedProvider } from './erased.provider.js';
export * from './erased.js';
export * from './env-bags.js';
export { httpAdapter, useHttpConventions, type HttpOptions } from './http.js';
export { busLog } from './bus-log.js';
export { kafkaSettings, type KafkaConfig } from './kafka-settings.js';
export { Shutdown } from './leaving.js';
export { logger, type Log } from './log.js';
export * from './metrics.js';
export { Backlogs } from './backlogs.js';
export { Pollers } from './pollers.js';
export type { PollWork } from './poller.js';
export * from './page.js';
export * from './problem.js';
export { CalledBy, Public, RequireScope, Workspace } from './scope.guard.js';
export { serve } from './serve.js';
export type { Service } from './service.js';
export { open, seal } from './seal.js';
export { beginSpan, inSpan, type OpenSpan, type SpanOptions } from './span.js';
export * from './token.js';
export * from './tracking-token.js';
export { Waker, type Sleepers, type Woken } from './waker.js';
