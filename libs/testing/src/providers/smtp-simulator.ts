import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';
import { Conduct, namedIn, type Behaviour, type SimulatorOptions } from './behaviour.js';
import { controlServer } from './control-server.js';
import { openJournal, type JournalEntry } from './journal.js';

/** A real SMTP server that delivers to its journal. User and password are `tidings` where somebody logs in. */
export interface SmtpSimulator {
  readonly port: number;
  /** HTTP: `POST /control`, `GET /accepted`. */
  readonly controlUrl: string;
  accepted(): readonly JournalEntry[];
  /** The accepted mails as they came, headers and all. */
  mails(): readonly string[];
  behave(change: Partial<Behaviour>): void;
  stop(): Promise<void>;
}

/** Replies by the name that orders them (as an address's beginning, or by control), and the command they answer. */
const replies: Readonly<Record<string, { readonly at: 'rcpt' | 'data'; readonly code: number; readonly text: string }>> = {
  'unknown-user': { at: 'rcpt', code: 550, text: '5.1.1 User unknown' },
  'disabled-user': { at: 'rcpt', code: 550, text: '5.2.1 Mailbox disabled' },
  'mailbox-full': { at: 'rcpt', code: 452, text: '4.2.2 Mailbox full' },
  'mailbox-over-quota': { at: 'rcpt', code: 552, text: '5.2.2 Over quota' },
  greylisted: { at: 'rcpt', code: 450, text: '4.7.1 Greylisted, try again later' },
  policy: { at: 'data', code: 550, text: '5.7.26 Unauthenticated mail is not accepted' },
  'too-big': { at: 'data', code: 552, text: '5.3.4 Message too big' },
  shutdown: { at: 'rcpt', code: 421, text: '4.3.2 Service shutting down' },
};
const names = [...Object.keys(replies), 'hang', 'accept-and-hang'];

class Reply extends Error {
  readonly responseCode: number;

  constructor({ code, text }: { readonly code: number; readonly text: string }) {
    super(text);
    this.responseCode = code;
  }
}

/** Starts a simulated mail server on the loopback. */
export async function startSmtpSimulator({ journal: file = null, port = 0, ...behaviour }: SimulatorOptions = {}): Promise<SmtpSimulator> {
  const journal = await openJournal(file);
  const conduct = new Conduct(behaviour);
  const mails: string[] = [];
  const take = async (to: string, mail: string, done: (error?: Error | null) => void): Promise<void> => {
    const name = namedIn(to, names) ?? '';
    if (conduct.latencyMs > 0) await sleep(conduct.latencyMs);
    const reply = replies[name];
    if (reply) return done(new Reply(reply));
    if (name === 'hang') return;
    await journal.append(entryOf(to, mail));
    mails.push(mail);
    if (name !== 'accept-and-hang') done();
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    logger: false,
    closeTimeout: 10,
    onAuth: ({ username, password }, _session, done) => {
      if (username === 'tidings' && password === 'tidings') done(null, { user: username });
      else done(new Reply({ code: 535, text: '5.7.8 Authentication credentials invalid' }));
    },
    onRcptTo: ({ address }, _session, done) => {
      const reply = replies[conduct.next(namedIn(address, names), 'shutdown') ?? ''];
      done(reply?.at === 'rcpt' ? new Reply(reply) : null);
    },
    onData: (stream, { envelope }, done) => {
      const to = envelope.rcptTo.map(({ address }) => address).join(',');
      textOf(stream).then((mail) => take(to, mail, done)).catch(done);
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const control = await controlServer(conduct, journal, 0, (_request, _body, response) => void response.writeHead(404).end());
  return {
    port: (server.server.address() as AddressInfo).port,
    controlUrl: `http://127.0.0.1:${String(control.port)}`,
    accepted: () => journal.entries(),
    mails: () => mails,
    behave: (change) => conduct.behave(change),
    stop: async () => {
      await Promise.all([new Promise<void>((resolve) => server.close(resolve)), control.stop()]);
      await journal.close();
    },
  };
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function entryOf(to: string, mail: string): JournalEntry {
  const sameAs = /^message-id:\s*(\S+)/im.exec(mail)?.[1] ?? '';
  return { provider: 'smtp', messageId: sameAs.slice(1).split('@')[0] ?? '', sameAs, to, at: new Date().toISOString() };
}
