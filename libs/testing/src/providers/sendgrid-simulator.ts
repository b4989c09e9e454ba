import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Conduct, namedIn, type Behaviour, type SimulatorOptions } from './behaviour.js';
import { controlServer, respond } from './control-server.js';
import { openJournal, type JournalEntry } from './journal.js';

/** What the simulator was asked to send, as SendGrid's API names it. */
export interface SentMail {
  readonly personalizations: readonly { readonly to: readonly { readonly email: string }[] }[];
  readonly from: { readonly email: string; readonly name?: string };
  readonly subject: string;
  readonly content: readonly { readonly type: string; readonly value: string }[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly custom_args?: Readonly<Record<string, string>>;
}

/** A simulated SendGrid: `POST /v3/mail/send`, beside `POST /control` and `GET /accepted`. */
export interface SendgridSimulator {
  /** The `baseUrl` of a provider's settings. */
  readonly url: string;
  readonly port: number;
  accepted(): readonly JournalEntry[];
  /** The accepted mails themselves. */
  mails(): readonly SentMail[];
  calls(): number;
  behave(change: Partial<Behaviour>): void;
  stop(): Promise<void>;
}

const errors = (message: string, field: string | null): unknown => ({ errors: [{ message, field, help: null }] });

/** Every error answer by the name that orders it: as an address's beginning or by control. */
const answers: Readonly<Record<string, { readonly status: number; readonly body: unknown }>> = {
  'bad-address': { status: 400, body: errors('Does not contain a valid address.', 'personalizations.0.to.0.email') },
  'bad-request': { status: 400, body: errors('The subject is required.', 'subject') },
  unauthorized: { status: 401, body: errors('The provided authorization grant is invalid, expired, or revoked', null) },
  forbidden: { status: 403, body: errors('The from address does not match a verified Sender Identity.', 'from') },
  'too-large': { status: 413, body: errors('The JSON payload you have included in your request is too large.', null) },
  'rate-limited': { status: 429, body: errors('too many requests', null) },
  internal: { status: 500, body: errors('internal error', null) },
  unavailable: { status: 503, body: errors('service unavailable', null) },
  'gateway-timeout': { status: 504, body: null },
};
const names = [...Object.keys(answers), 'hang', 'accept-and-hang', 'reset'];

/** Starts a simulated SendGrid on the loopback. */
export async function startSendgridSimulator({ journal: file = null, port = 0, ...behaviour }: SimulatorOptions = {}): Promise<SendgridSimulator> {
  const journal = await openJournal(file);
  const conduct = new Conduct(behaviour);
  const mails: SentMail[] = [];
  let calls = 0;
  const server = await controlServer(conduct, journal, port, async (request, body, response) => {
    if (request.url !== '/v3/mail/send') return respond(response, 404, errors('not found', null));
    calls += 1;
    const mail = JSON.parse(body) as SentMail;
    const name = conduct.next(namedIn(recipientOf(mail), names), 'rate-limited') ?? refusal(request.headers.authorization ?? '');
    if (conduct.latencyMs > 0) await sleep(conduct.latencyMs);
    const refused = name === null ? undefined : answers[name];
    if (refused) return respond(response, refused.status, refused.body, limits(refused.status, conduct.retryAfterSeconds));
    if (name === 'hang') return;
    if (name === 'reset') return void response.destroy();
    await journal.append(entryOf(mail));
    mails.push(mail);
    if (name !== 'accept-and-hang') accept(response);
  });
  return {
    url: `http://127.0.0.1:${String(server.port)}`,
    port: server.port,
    accepted: () => journal.entries(),
    mails: () => mails,
    calls: () => calls,
    behave: (change) => conduct.behave(change),
    stop: async () => {
      await server.stop();
      await journal.close();
    },
  };
}

const recipientOf = ({ personalizations }: SentMail): string => personalizations[0]?.to[0]?.email ?? '';

const refusal = (authorization: string): string | null => (authorization.startsWith('Bearer SG.') ? null : 'unauthorized');

function entryOf(mail: SentMail): JournalEntry {
  const sameAs = mail.headers?.['Message-ID'] ?? '';
  return { provider: 'sendgrid', messageId: sameAs.slice(1).split('@')[0] ?? '', sameAs, to: recipientOf(mail), at: new Date().toISOString() };
}

function accept(response: ServerResponse): void {
  response.writeHead(202, { 'x-message-id': `sg-${Math.random().toString(36).slice(2)}`, 'x-ratelimit-limit': '600', 'x-ratelimit-remaining': '599' });
  response.end();
}

/** A rate limit says when it ends by the second of the clock, other trouble by how long. */
function limits(status: number, retryAfterSeconds: number | null): Readonly<Record<string, string>> {
  if (retryAfterSeconds === null || status < 429) return {};
  if (status !== 429) return { 'retry-after': String(retryAfterSeconds) };
  return { 'x-ratelimit-limit': '600', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + retryAfterSeconds) };
}
