/** A page for recipients: plain HTML that needs neither scripts nor fonts nor cookies. */
export interface Page {
  readonly status: number;
  readonly html: string;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '');

const style =
  'body{font:1.125rem/1.5 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}' +
  'button{font:inherit;padding:.6rem 1.2rem;border:2px solid #1a1a1a;border-radius:.3rem;color:#fff;background:#1a1a1a;cursor:pointer}' +
  'button:focus-visible{outline:3px solid #2563eb;outline-offset:2px}';

function page(status: number, title: string, text: string, form = ''): Page {
  const html =
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">` +
    `<meta name="robots" content="noindex"><title>${escape(title)}</title><style>${style}</style></head>` +
    `<body><main><h1>${escape(title)}</h1><p>${escape(text)}</p>${form}</main></body></html>`;
  return { status, html };
}

const channelNames: Readonly<Record<string, string>> = { email: 'e-mails', push: 'push notifications' };
const nameOf = (channel: string): string => channelNames[channel] ?? 'messages';

/** Asks whether to unsubscribe; only the button does it, for mail scanners follow every link. */
export const askPage = (channel: string): Page =>
  page(
    200,
    'Unsubscribe',
    `Do you want to receive no more ${nameOf(channel)} from this sender?`,
    '<form method="post"><button type="submit">Unsubscribe</button></form>',
  );

/** Says that it is done. */
export const donePage = (channel: string): Page =>
  page(200, 'You are unsubscribed', `You will receive no more ${nameOf(channel)} from this sender.`);

/** Says that it is not done, and what to do. */
export const tryAgainPage = page(
  503,
  'That did not work',
  'We could not save your choice just now. Please try again in a minute.',
);

/** What a link that we did not make, or that was cut off on its way, leads to. */
export const unknownPage = page(
  404,
  'This link does not work',
  'It may have been shortened or changed on its way to you. Please open it from the original message again.',
);
