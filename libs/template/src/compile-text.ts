import type { Liquid, Template } from 'liquidjs';
import { htmlEngine, MAX_OUTPUT, textEngine } from './engine.js';
import { fill, variablesOnly } from './variables-only.js';

/** Whether values are escaped for HTML or stand as they are. */
export type Escaping = 'html' | 'none';

/** A text ready to be filled in. Throws when the template's limits are passed; `compileTemplate` makes that a value. */
export type CompiledText = (variables: object) => string;

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };
const needsEscape = /[&<>"']/;

/** Escapes as liquidjs does, so that both ways to render write the same bytes. */
export const escapeHtml = (text: string): string =>
  needsEscape.test(text) ? text.replace(/[&<>"']/g, (char) => escapes[char] ?? char) : text;

const asItIs = (text: string): string => text;

/** Compiles one Liquid text once; throws what the parser has against it. */
export function compileText(source: string, escaping: Escaping): CompiledText {
  const engine = escaping === 'html' ? htmlEngine : textEngine;
  const templates = engine.parse(source);
  const simple = variablesOnly(source);
  if (simple === null) return (variables) => interpret(engine, templates, variables);
  const escape = escaping === 'html' ? escapeHtml : asItIs;
  return (variables) => bounded(fill(simple, variables, escape) ?? interpret(engine, templates, variables));
}

const interpret = (engine: Liquid, templates: Template[], variables: object): string =>
  bounded(engine.renderSync(templates, variables) as string);

function bounded(text: string): string {
  if (text.length > MAX_OUTPUT) throw new Error(`rendered text longer than ${String(MAX_OUTPUT)} characters`);
  return text;
}
