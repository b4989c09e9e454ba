/**
 * Turns a template and variables into what a recipient reads. Decides what a template may do and how much it may
 * cost; knows nothing of providers, of files, or of who the recipient is.
 */
export { compileTemplate } from './compile-template.js';
export type { Compilation, CompiledTemplate, EmailContent, PushContent, Render, Rendered, TemplateProblem } from './compile-template.js';
export { escapeHtml } from './compile-text.js';
export { textOfHtml } from './text-of-html.js';
