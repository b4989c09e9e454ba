/**
 * Every topic and message, once: its name, its key, its shape. Knows nothing of Kafka, of databases or of
 * rules; whoever publishes or reads a message takes its type and its validator from here.
 */
export { asyncApi } from './async-api.js';
export * from './channel.js';
export * from './consent.js';
export { definitionSchemas, type DefinitionFile } from './definition-schemas.js';
export * from './definitions/comparisons.js';
export * from './definitions/computed-trait-definition.js';
export * from './definitions/condition.js';
export * from './definitions/definition-id.js';
export * from './definitions/duration.js';
export * from './definitions/journey-definition.js';
export * from './definitions/key-definition.js';
export * from './definitions/moment.js';
export * from './definitions/provider-definition.js';
export * from './definitions/segment-definition.js';
export * from './definitions/source-definition.js';
export * from './definitions/template-definition.js';
export * from './definitions/workspace-definition.js';
export * from './json-fault.js';
export * from './mailbox.js';
export * from './shape-problems.js';
export type { JsonSchema } from './portable-schema.js';
export * from './shapes.js';
export * from './topic.js';
export * from './topics/accepted-event.js';
export * from './topics/all-topics.js';
export * from './topics/analytics-fact.js';
export * from './topics/dead-letter.js';
export * from './topics/definition-record.js';
export * from './topics/delivery-event.js';
export * from './topics/erasure-step.js';
export * from './topics/inbound.js';
export * from './topics/journey-activity.js';
export * from './topics/profile-activity.js';
export * from './topics/sandbox-message.js';
export * from './topics/send-recalled.js';
export * from './topics/send-requested.js';
