import type { AddressHash, Send } from '@tidings/dispatch';
import { trackingToken, type TrackingPurpose } from '@tidings/service';
import type { CompiledTemplate, EmailContent, Rendered } from '@tidings/template';
import type { Mail } from './mail.js';
import { trackLinks, withPixel } from './track-links.js';

/** What links in mails are made with. */
export interface MailLinks {
  readonly masterKey: string;
  readonly addressHash: AddressHash;
  /** Without a slash at its end. */
  readonly publicUrl: string;
}

/**
 * Fills a template for one send: `{{ unsubscribe_url }}` may be used beside the send's own variables, links and opens
 * are tracked, and whatever is not transactional can be unsubscribed from with one click (RFC 8058).
 */
export function toMail({ email }: CompiledTemplate, send: Send, links: MailLinks): Rendered<Mail> | null {
  if (email === null) return null;
  const tokens = tokensOf(send, links);
  const unsubscribe = `${links.publicUrl}/u/${tokens('unsubscribe')}`;
  const rendered = email({ ...send.request.variables, unsubscribe_url: unsubscribe });
  if (rendered.kind !== 'rendered') return rendered;
  return { kind: 'rendered', content: mailOf(rendered.content, send, { ...links, tokens, unsubscribe }) };
}

type Tokens = (purpose: TrackingPurpose, url?: string) => string;

function tokensOf({ request, endpoint }: Send, { masterKey, addressHash }: MailLinks): Tokens {
  const { workspace: w, profileId: p, messageId: m, channel: c, journey, dueAt: d } = request;
  const message = { w, p, m, c, j: journey.id, s: journey.step, d };
  return (purpose, url) => {
    if (url !== undefined) return trackingToken(masterKey, purpose, { ...message, u: url });
    // A report must say which address it is about, and the provider is told nothing of ours that can be read.
    const [a = ''] = purpose === 'receipt' ? addressHash.of(c, w, endpoint.address) : [];
    return trackingToken(masterKey, purpose, purpose === 'receipt' ? { ...message, a } : message);
  };
}

interface Tracking extends MailLinks {
  readonly tokens: Tokens;
  readonly unsubscribe: string;
}

function mailOf(content: EmailContent, { request }: Send, { publicUrl, tokens, unsubscribe }: Tracking): Mail {
  const ours = (url: string): boolean => url.startsWith(`${publicUrl}/u/`);
  const tracked = trackLinks(content.html, (url) => (ours(url) ? url : `${publicUrl}/l/${tokens('click', url)}`));
  return {
    ...content,
    html: withPixel(tracked, `${publicUrl}/o/${tokens('open')}.gif`),
    messageIdHeader: `<${request.messageId}@${new URL(publicUrl).hostname}>`,
    headers: request.lane === 'transactional' ? {} : unsubscribeHeaders(unsubscribe),
    reference: tokens('receipt'),
  };
}

const unsubscribeHeaders = (url: string): Readonly<Record<string, string>> => ({
  'List-Unsubscribe': `<${url}>`,
  'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
});
