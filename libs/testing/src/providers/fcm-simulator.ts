import { generateKeyPairSync } from 'node:crypto';
import { constants, createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Conduct, namedIn, type Behaviour, type SimulatorOptions } from './behaviour.js';
import { controlServer, respond } from './control-server.js';
import { fcmAnswers } from './fcm-answers.js';
import { openJournal, type Journal, type JournalEntry } from './journal.js';

/** A simulated FCM: HTTP v1 over HTTP/2, and the OAuth token endpoint that its service accounts name. */
export interface FcmSimulator {
  /** The `baseUrl` of a provider's settings. */
  readonly url: string;
  readonly port: number;
  /** HTTP/1.1: `POST /token`, `POST /control`, `GET /accepted`. */
  readonly controlUrl: string;
  /** Credentials as Google hands them out, with the token endpoint above. */
  serviceAccount(): Readonly<Record<string, string>>;
  accepted(): readonly JournalEntry[];
  /** Calls that arrived, accepted or not. */
  calls(): number;
  behave(change: Partial<Behaviour>): void;
  /** Tells clients to go elsewhere, as a real front end does before it is replaced; streams in hand are answered. */
  goAway(): void;
  stop(): Promise<void>;
}

/** Beside the answers of the table: what can happen to a call on its way. */
const accidents = ['hang', 'accept-and-hang', 'reset', 'truncated'] as const;
const names = [...Object.keys(fcmAnswers), ...accidents];

/** Starts a simulated FCM on the loopback; streams per connection are limited as Google limits them. */
export async function startFcmSimulator({ journal: file = null, port = 0, ...behaviour }: SimulatorOptions = {}): Promise<FcmSimulator> {
  const journal = await openJournal(file);
  const conduct = new Conduct(behaviour);
  const state = { calls: 0, tokens: 0 };
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer({ settings: { maxConcurrentStreams: 100 } });
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => undefined);
  });
  server.on('stream', (stream, headers) => {
    state.calls += 1;
    stream.on('error', () => undefined);
    // A client that cancels while it sends leaves nobody to answer.
    answerStream(stream, String(headers[':path']), String(headers['authorization'] ?? ''), { conduct, journal }).catch(() => stream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const control = await controlServer(conduct, journal, 0, (request, _body, response) => {
    if (request.url !== '/token') return respond(response, 404, { error: 'not_found' });
    return respond(response, 200, { access_token: `${TOKEN}${String((state.tokens += 1))}`, token_type: 'Bearer', expires_in: 3600 });
  });
  const controlUrl = `http://127.0.0.1:${String(control.port)}`;
  const listening = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${String(listening)}`,
    port: listening,
    controlUrl,
    serviceAccount: () => serviceAccount(`${controlUrl}/token`),
    accepted: () => journal.entries(),
    calls: () => state.calls,
    behave: (change) => conduct.behave(change),
    goAway: () => sessions.forEach(sendAway),
    stop: async () => {
      for (const session of sessions) session.destroy();
      await Promise.all([new Promise((resolve) => server.close(resolve)), control.stop()]);
      await journal.close();
    },
  };
}

/** As front ends do it: a notice first, and only when no new streams can be on their way any more the end. */
function sendAway(session: ServerHttp2Session): void {
  if (session.destroyed || session.closed) return;
  session.goaway(constants.NGHTTP2_NO_ERROR, 2 ** 31 - 1);
  setTimeout(() => session.close(), 50);
}

const TOKEN = 'simulated-access-token-';

interface World {
  readonly conduct: Conduct;
  readonly journal: Journal;
}

async function answerStream(stream: ServerHttp2Stream, path: string, authorization: string, { conduct, journal }: World): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const message = parse(Buffer.concat(chunks).toString());
  const name = conduct.next(namedIn(message.token, names), 'quota-exceeded') ?? refusal(path, authorization, message.token);
  if (conduct.latencyMs > 0) await sleep(conduct.latencyMs);
  const refused = name === null ? undefined : fcmAnswers[name];
  if (refused) return reply(stream, refused.status, JSON.stringify(refused.body), conduct.retryAfterSeconds);
  if (name === 'hang') return;
  if (name === 'reset') return stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  await journal.append({ provider: 'fcm', messageId: message.id, sameAs: message.tag, to: message.token, at: new Date().toISOString() });
  const text = JSON.stringify({ name: `${path.replace(/^\/v1\/|:send$/g, '')}/${message.id}` });
  if (name !== 'accept-and-hang') reply(stream, 200, name === 'truncated' ? text.slice(0, 10) : text, null);
}

/** What a real FCM would have against the call itself. */
function refusal(path: string, authorization: string, token: string): string | null {
  if (!authorization.startsWith(`Bearer ${TOKEN}`)) return 'unauthenticated';
  if (!/^\/v1\/projects\/demo\/messages:send$/.test(path)) return 'not-found';
  return token === '' ? 'invalid-argument' : null;
}

function reply(stream: ServerHttp2Stream, status: number, body: string, retryAfterSeconds: number | null): void {
  if (stream.destroyed) return;
  const retryAfter = status >= 429 && retryAfterSeconds !== null ? { 'retry-after': String(retryAfterSeconds) } : {};
  stream.respond({ ':status': status, 'content-type': 'application/json; charset=UTF-8', ...retryAfter });
  stream.end(body);
}

interface Sent {
  readonly message?: { readonly token?: string; readonly data?: Readonly<Record<string, string>>; readonly android?: { readonly collapse_key?: string; readonly notification?: { readonly tag?: string } } };
}

function parse(body: string): { readonly token: string; readonly id: string; readonly tag: string } {
  const { message } = JSON.parse(body) as Sent;
  const { notification, collapse_key = '' } = message?.android ?? {};
  const id = notification?.tag ?? '';
  return { token: message?.token ?? '', id, tag: `${id} ${collapse_key}` };
}

let key: string | null = null;

/** One key for all accounts of a process: making one takes a tenth of a second. */
function serviceAccount(tokenUri: string): Readonly<Record<string, string>> {
  key ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
  return { type: 'service_account', project_id: 'demo', private_key_id: 'simulated', private_key: key, client_email: 'tidings@demo.example', token_uri: tokenUri };
}
