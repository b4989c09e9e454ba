import { connect, type ClientHttp2Session } from 'node:http2';

/** Calls in flight at a time, as one dispatcher has them for one provider account. */
export const CONCURRENCY = 64;
const SESSIONS = 2;

/** The push of a message as the dispatcher's FCM adapter writes it: what the bare arms send instead. */
export function pushBody(token: string, messageId: string): string {
  return JSON.stringify({
    message: {
      token,
      notification: {
        title: 'Welcome, Somebody',
        body: 'Good to have you here. Have a look around; what you like is one tap away.',
      },
      data: { screen: 'home', messageId, link: 'shop://home' },
      android: { priority: 'HIGH', ttl: '86400s', collapse_key: messageId, notification: { tag: messageId } },
      apns: {
        headers: { 'apns-collapse-id': messageId, 'apns-expiration': '1800000000', 'apns-priority': '10' },
        payload: { aps: { sound: 'default' } },
      },
      webpush: {
        headers: { TTL: '86400', Topic: messageId.replaceAll('-', ''), Urgency: 'high' },
        notification: { tag: messageId },
      },
    },
  });
}

/** The least that a client of FCM can be: two connections, a request per message, the answer read and its status looked at. */
export class PushClient {
  private readonly sessions: readonly ClientHttp2Session[];
  private next = 0;

  constructor(
    url: string,
    private readonly token: string,
  ) {
    this.sessions = Array.from({ length: SESSIONS }, () => connect(url));
  }

  /** Resolves when the sink has taken it; rejects on anything but 200. */
  post(body: string): Promise<void> {
    const session = this.sessions[(this.next += 1) % SESSIONS];
    const stream = session?.request({
      ':method': 'POST',
      ':path': '/v1/projects/demo/messages:send',
      authorization: `Bearer ${this.token}`,
      'content-type': 'application/json',
    });
    return new Promise((resolve, reject) => {
      let status = 0;
      stream?.on('response', (headers) => (status = Number(headers[':status'])));
      stream?.on('data', () => undefined);
      stream?.on('end', () => (status === 200 ? resolve() : reject(new Error(`the sink answered ${status}`))));
      stream?.on('error', reject);
      stream?.end(body);
    });
  }

  close(): void {
    for (const session of this.sessions) session.close();
  }
}

/** The access token that the simulator hands out. */
export async function sinkToken(controlUrl: string): Promise<string> {
  const answer = (await (await fetch(`${controlUrl}/token`, { method: 'POST' })).json()) as { access_token: string };
  return answer.access_token;
}

/** Runs work on a list, so many at a time, in the list's order. */
export async function atATime<T>(limit: number, list: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const line = async (): Promise<void> => {
    for (let index = next++; index < list.length; index = next++) await work(list[index] as T);
  };
  await Promise.all(Array.from({ length: Math.min(limit, list.length) }, line));
}
