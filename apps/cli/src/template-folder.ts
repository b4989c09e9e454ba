import { basename, join } from 'node:path';
import type { Problem } from '@tidings/definition';
import { textOf } from './text-file.js';
import { readYaml } from './yaml-file.js';

/** A template folder as one definition: `push.yaml`; `email.mjml` or `email.html` with `email.yaml` and `email.txt` beside it. */
export async function readTemplate(folder: string, id: string): Promise<{ document: unknown; problems: Problem[] }> {
  const push = readPart(join(folder, 'push.yaml'), 'push');
  const email = await readEmail(folder);
  return {
    document: { id, ...(push.document === null ? {} : { push: push.document }), ...(email.document === null ? {} : { email: email.document }) },
    problems: [...push.problems, ...email.problems],
  };
}

interface Part {
  readonly document: unknown;
  readonly problems: Problem[];
}

function readPart(path: string, place: string): Part {
  if (textOf(path) === null) return { document: null, problems: [] };
  const { document, problems } = readYaml(path);
  return { document, problems: problems.map(({ line, message }) => ({ place, message: `${basename(path)}:${line}: ${message}` })) };
}

async function readEmail(folder: string): Promise<Part> {
  const settings = readPart(join(folder, 'email.yaml'), 'email');
  const text = textOf(join(folder, 'email.txt'));
  const body = await readBody(folder);
  if (body === null) {
    const alone = settings.document !== null || text !== null;
    return { document: null, problems: alone ? [{ place: 'email', message: 'email.mjml or email.html is missing' }] : settings.problems };
  }
  const { html, subject, problems } = body;
  return {
    document: { ...(subject === null ? {} : { subject }), ...(settings.document ?? {}), html, ...(text === null ? {} : { text }) },
    problems: [...settings.problems, ...problems],
  };
}

async function readBody(folder: string): Promise<{ html: string; subject: string | null; problems: Problem[] } | null> {
  const mjml = textOf(join(folder, 'email.mjml'));
  if (mjml !== null) return { ...(await compileMjml(mjml)), subject: titleOf(mjml) };
  const html = textOf(join(folder, 'email.html'));
  return html === null ? null : { html, subject: titleOf(html), problems: [] };
}

/** Without a subject in `email.yaml`, the document's own title is the subject. */
function titleOf(source: string): string | null {
  const title = /<(?:mj-)?title>([\s\S]*?)<\/(?:mj-)?title>/.exec(source)?.[1]?.trim();
  return title ? title : null;
}

async function compileMjml(source: string): Promise<{ html: string; problems: Problem[] }> {
  // MJML is heavy and only templates need it.
  const { default: mjml2html } = await import('mjml');
  try {
    const { html, errors } = await mjml2html(source, { validationLevel: 'soft', keepComments: false });
    return { html, problems: errors.map(({ line, message }) => ({ place: 'email', message: `email.mjml:${line}: ${message}` })) };
  } catch (error) {
    return { html: '', problems: [{ place: 'email', message: `email.mjml: ${error instanceof Error ? error.message : String(error)}` }] };
  }
}
