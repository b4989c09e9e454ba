import { numberSetting, textSetting, type Provider, type ProviderAccount, type ProviderRequest, type SendResult } from '@tidings/dispatch';
import type { PushContent } from '@tidings/template';
import { AccessToken } from './access-token.js';
import { toFcmMessage } from './fcm-message.js';
import { Http2Pool, type Http2Outcome, type RawHeaders } from './http2-pool.js';
import { toResult } from './to-result.js';

/** FCM HTTP v1. Settings: `baseUrl`, `timeoutMs`, `sessions`; credentials: the service account's JSON. */
export class FcmProvider implements Provider<PushContent> {
  readonly name = 'fcm';
  /** FCM takes the same message twice; the device shows it once. */
  readonly idempotent = false;
  readonly groupSize = 1;
  private readonly pool: Http2Pool;
  private readonly token: AccessToken;
  private readonly path: string;
  private headers: { readonly token: string; readonly raw: RawHeaders } | null = null;

  constructor({ settings, credentials }: ProviderAccount) {
    const serviceAccount = serviceAccountOf(credentials);
    this.path = `/v1/projects/${textSetting(settings, 'project') ?? serviceAccount.project_id}/messages:send`;
    this.token = new AccessToken(serviceAccount);
    this.pool = new Http2Pool(textSetting(settings, 'baseUrl') ?? 'https://fcm.googleapis.com', {
      sessions: Math.max(1, numberSetting(settings, 'sessions', 2)),
      timeoutMs: numberSetting(settings, 'timeoutMs', 10_000),
      connectTimeoutMs: 5_000,
      pingEveryMs: 15_000,
    });
  }

  async send(requests: readonly ProviderRequest<PushContent>[]): Promise<readonly SendResult[]> {
    const results: SendResult[] = [];
    for (const request of requests) results.push(await this.sendOne(request));
    return results;
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  private async sendOne(request: ProviderRequest<PushContent>): Promise<SendResult> {
    let token: string;
    try {
      const kept = this.token.get();
      token = typeof kept === 'string' ? kept : await kept;
    } catch (error) {
      return noToken(error);
    }
    const now = Date.now();
    const outcome = await this.pool.post(this.headersFor(token), toFcmMessage(request, now));
    if (outcome.kind === 'answered' && outcome.status === 401) this.token.forget();
    return resultOf(outcome, now);
  }

  private headersFor(token: string): RawHeaders {
    if (this.headers?.token !== token) {
      const raw = [':method', 'POST', ':path', this.path, 'authorization', `Bearer ${token}`, 'content-type', 'application/json'];
      this.headers = { token, raw };
    }
    return this.headers.raw;
  }
}

function resultOf(outcome: Http2Outcome, now: number): SendResult {
  switch (outcome.kind) {
    case 'answered':
      return toResult(outcome, now);
    case 'not-sent':
      return { kind: 'unavailable', retryAfterMs: null, detail: outcome.detail };
    case 'no-answer':
      return { kind: 'unknown', detail: outcome.detail };
  }
}

/** Google refuses an account with a 4xx; anything else is the way there. */
function noToken(error: unknown): SendResult {
  const status: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'status') : undefined;
  const detail = `no OAuth token: ${error instanceof Error ? error.message : String(error)}`;
  const refused = typeof status === 'number' && status >= 400 && status < 500 && status !== 429;
  return refused ? { kind: 'misconfigured', detail, scope: 'provider' } : { kind: 'unavailable', retryAfterMs: null, detail };
}

type ServiceAccount = Readonly<Record<string, string>> & { readonly project_id: string };

/** As an object or as the JSON text of the file that Google hands out. */
function serviceAccountOf(credentials: unknown): ServiceAccount {
  const given: unknown = typeof credentials === 'string' ? JSON.parse(credentials) : credentials;
  const nested: unknown = typeof given === 'object' && given !== null ? Reflect.get(given, 'serviceAccount') : undefined;
  const account = nested ?? given;
  for (const name of ['project_id', 'client_email', 'private_key']) {
    if (textSetting(account, name) === null) throw new Error(`the service account has no ${name}`);
  }
  return account as ServiceAccount;
}
