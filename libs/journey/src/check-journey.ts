import type { JourneyDefinition, ShapeProblem } from '@tidings/contracts';
import { checkGraph } from './check-graph.js';
import { checkKeys } from './check-keys.js';
import { checkRules } from './check-rules.js';
import { checkShape } from './check-shape.js';
import { checkTimes } from './check-times.js';

/**
 * Everything that is wrong with a journey as a person wrote it, each problem at its place in the document; nothing
 * when it may be published. Whether the segments and templates it names exist is not asked here.
 */
export function checkJourney(document: unknown): readonly ShapeProblem[] {
  const shape = checkShape(document);
  if (shape.length > 0) return shape;
  // Without a problem of shape it is a journey definition.
  const definition = document as JourneyDefinition;
  return [...checkKeys(definition), ...checkRules(definition), ...checkTimes(definition), ...checkGraph(definition)];
}
