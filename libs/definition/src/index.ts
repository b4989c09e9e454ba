/**
 * What a set of definitions is, and whether it is right: every check that can be made without a server, for the
 * command line, which makes them offline, and the API, which makes them again. Knows no files and no tables.
 */
export { canonical } from './canonical.js';
export { checkSet } from './check-set.js';
export { nothingKnown, type DefinitionSet, type KnownIds, type UncheckedSet } from './definition-set.js';
export { dependentsOf, type Depended, type Dependent, type Mentioning } from './dependents.js';
export type { Problem, SetProblem } from './problem.js';
export { substitute, type Variables } from './substitute.js';
