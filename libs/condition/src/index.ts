/**
 * What a condition means: whether JSON is one, and whether a profile meets it. Knows traits, counts and
 * memberships only as the `Subject` shows them; not where they come from, nor what time it is.
 */
export { compile, type Matches } from './compile.js';
export { counterKey, granularityOf, type Granularity } from './counter-key.js';
export { digest } from './digest.js';
export { matchesProperties, propertiesMatcher } from './matches-properties.js';
export { mentionsOf, type Mentions } from './mentions.js';
export { parseCondition, type ParsedCondition } from './parse-condition.js';
export { conditionKindOf, type ConditionKind } from './condition-kind.js';
export type { Subject } from './subject.js';
