import type { EmailTemplate, PushTemplate, TemplateDefinition } from '@tidings/contracts';
import { compileText, type CompiledText, type Escaping } from './compile-text.js';
import { textOfHtml, tidy } from './text-of-html.js';

/** A push message as it will be read. */
export interface PushContent {
  readonly title: string;
  readonly body: string;
  readonly image: string | null;
  readonly link: string | null;
  readonly data: Readonly<Record<string, string>>;
}

/** An e-mail as it will be read; `from` and `replyTo` are null where the template names none. */
export interface EmailContent {
  readonly subject: string;
  readonly from: string | null;
  readonly replyTo: string | null;
  readonly html: string;
  readonly text: string;
}

/** What rendering gave: the content, or why there is none (limits passed, a filter misused). */
export type Rendered<Content> =
  | { readonly kind: 'rendered'; readonly content: Content }
  | { readonly kind: 'render-failed'; readonly detail: string };

/** What is wrong with a template and where, as `email.subject`. */
export interface TemplateProblem {
  readonly place: string;
  readonly message: string;
}

/** Fills a channel's content with variables; never throws. */
export type Render<Content> = (variables: object) => Rendered<Content>;

/** A template compiled once; a channel without content is null. */
export interface CompiledTemplate {
  readonly push: Render<PushContent> | null;
  readonly email: Render<EmailContent> | null;
}

/** A compiled template, or everything that is wrong with it. */
export type Compilation =
  | { readonly ok: true; readonly template: CompiledTemplate }
  | { readonly ok: false; readonly problems: readonly TemplateProblem[] };

/** Compiles all texts of a template. Afterwards rendering costs no parsing and cannot reach files or other templates. */
export function compileTemplate(definition: TemplateDefinition): Compilation {
  const problems: TemplateProblem[] = [];
  const compile: Compile = (place, source, escaping = 'none') => {
    try {
      return compileText(source, escaping);
    } catch (error) {
      problems.push({ place, message: oneLine(error instanceof Error ? error.message : String(error)) });
      return () => '';
    }
  };
  const template: CompiledTemplate = {
    push: definition.push ? pushOf(definition.push, compile, problems) : null,
    email: definition.email ? emailOf(definition.email, compile) : null,
  };
  return problems.length === 0 ? { ok: true, template } : { ok: false, problems };
}

type Compile = (place: string, source: string, escaping?: Escaping) => CompiledText;

/** Keys that FCM keeps for itself: it refuses a message that carries one. */
const reservedData = /^(?:from|message_type|gcm.*|google.*)$/i;

function pushOf(push: PushTemplate, compile: Compile, problems: TemplateProblem[]): Render<PushContent> {
  const title = compile('push.title', push.title);
  const body = compile('push.body', push.body);
  const image = push.image === undefined ? null : compile('push.image', push.image);
  const link = push.link === undefined ? null : compile('push.link', push.link);
  const entries = Object.entries(push.data ?? {});
  for (const [key] of entries) if (reservedData.test(key)) problems.push({ place: `push.data.${key}`, message: 'this key is reserved by FCM' });
  const data = entries.map(([key, value]) => [key, compile(`push.data.${key}`, value)] as const);
  return rendering((variables) => ({
    title: oneLine(title(variables)),
    body: body(variables).trim(),
    image: filled(image, variables),
    link: filled(link, variables),
    data: Object.fromEntries(data.map(([key, value]) => [key, value(variables)])),
  }));
}

function emailOf(email: EmailTemplate, compile: Compile): Render<EmailContent> {
  const subject = compile('email.subject', email.subject);
  const from = email.from === undefined ? null : compile('email.from', email.from);
  const replyTo = email.replyTo === undefined ? null : compile('email.replyTo', email.replyTo);
  const html = compile('email.html', email.html, 'html');
  const text = email.text === undefined ? textFrom(email.html) : compile('email.text', email.text);
  return rendering((variables) => {
    const page = html(variables);
    return {
      subject: oneLine(subject(variables)),
      from: filled(from, variables),
      replyTo: filled(replyTo, variables),
      html: page,
      text: text === null ? textOfHtml(page) : text(variables),
    };
  });
}

/** The text version as a template of its own; null where taking the tags away breaks the Liquid around them. */
function textFrom(html: string): CompiledText | null {
  try {
    const text = compileText(textOfHtml(html), 'none');
    return (variables) => tidy(text(variables));
  } catch {
    return null;
  }
}

function rendering<Content>(render: (variables: object) => Content): Render<Content> {
  return (variables) => {
    try {
      return { kind: 'rendered', content: render(variables) };
    } catch (error) {
      return { kind: 'render-failed', detail: oneLine(error instanceof Error ? error.message : String(error)).slice(0, 200) };
    }
  };
}

const filled = (text: CompiledText | null, variables: object): string | null => (text === null ? null : oneLine(text(variables)) || null);

/** Header fields end at a line break; what follows one would be a header of the recipient's choosing. */
const oneLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]+/g, ' ').trim();
