/**
 * What specs share: databases of their own, a publisher that records, builders of messages, chance and time that repeat.
 * Imported from tests only; holds no rule of the product.
 */
export * from './breaking-proxy.js';
export * from './chance-and-time.js';
export * from './given-backlog.js';
export * from './messages.js';
export * from './providers/index.js';
export * from './own-postgres.js';
export * from './recording-publisher.js';
export * from './services.js';
export * from './test-database.store.js';
export * from './test-kafka.js';
