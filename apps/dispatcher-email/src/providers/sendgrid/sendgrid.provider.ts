import sendgridClient from '@sendgrid/client';
import sendgrid from '@sendgrid/mail';
import { numberSetting, textSetting, type Provider, type ProviderAccount, type ProviderRequest, type SendResult } from '@tidings/dispatch';
import type { Mail } from '../../mail.js';
import { toResult, type SendgridResponse } from './to-result.js';

/** The packages export one instance for the whole process; every account needs its own key. */
const MailService = sendgrid.constructor as new () => typeof sendgrid;
const Client = sendgridClient.constructor as new () => typeof sendgridClient;

/** SendGrid's v3 API, a mail a call: one that times out puts one recipient in doubt. Settings: `from`, `baseUrl`, `timeoutMs`; credentials: `apiKey`. */
export class SendgridProvider implements Provider<Mail> {
  readonly name = 'sendgrid';
  readonly idempotent = false;
  readonly groupSize = 1;
  private readonly from: string;
  private readonly service = new MailService();

  constructor({ settings, credentials }: ProviderAccount, sender: string) {
    const apiKey = textSetting(credentials, 'apiKey');
    if (apiKey === null) throw new Error('the credential "apiKey" is missing');
    this.from = textSetting(settings, 'from') ?? sender;
    const client = new Client();
    client.setApiKey(apiKey);
    const baseUrl = textSetting(settings, 'baseUrl');
    if (baseUrl !== null) client.setDefaultRequest('baseUrl', baseUrl);
    this.service.setClient(client);
    this.service.setTimeout(numberSetting(settings, 'timeoutMs', 10_000));
  }

  send(requests: readonly ProviderRequest<Mail>[]): Promise<readonly SendResult[]> {
    return Promise.all(requests.map((request) => this.sendOne(request)));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private async sendOne(request: ProviderRequest<Mail>): Promise<SendResult> {
    try {
      const [response] = await this.service.send(this.toData(request));
      return toResult(responseOf(response.statusCode, response.headers, response.body), Date.now());
    } catch (error) {
      return failureOf(error, Date.now());
    }
  }

  private toData({ endpoint, content }: ProviderRequest<Mail>) {
    const { subject, html, text, from, replyTo, headers, messageIdHeader, reference } = content;
    return {
      from: from ?? this.from,
      to: { email: endpoint.address },
      subject,
      text,
      html,
      headers: { ...headers, 'Message-ID': messageIdHeader },
      // The only thing of ours that SendGrid keeps: opaque, no personal data.
      customArgs: { mid: reference },
      trackingSettings: { clickTracking: { enable: false, enableText: false }, openTracking: { enable: false }, subscriptionTracking: { enable: false } },
      hideWarnings: true,
      ...(replyTo === null ? {} : { replyTo }),
    };
  }
}

/** Codes of failures before anything was sent. */
const notSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

function failureOf(error: unknown, now: number): SendResult {
  const code = property(error, 'code');
  const response = property(error, 'response');
  if (typeof code === 'number') return toResult(responseOf(code, property(response, 'headers'), property(response, 'body')), now);
  const detail = error instanceof Error ? error.message : String(error);
  return typeof code === 'string' && notSent.has(code) ? { kind: 'unavailable', retryAfterMs: null, detail } : { kind: 'unknown', detail };
}

function responseOf(status: number, headers: unknown, body: unknown): SendgridResponse {
  const entries = typeof headers === 'object' && headers !== null ? Object.entries(headers) : [];
  const errors = property(body, 'errors');
  return {
    status,
    headers: Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), String(value)])),
    errors: Array.isArray(errors) ? errors.map(errorOf) : [],
  };
}

function errorOf(error: unknown): SendgridResponse['errors'][number] {
  const [message, field] = [property(error, 'message'), property(error, 'field')];
  return { message: typeof message === 'string' ? message : '', field: typeof field === 'string' ? field : null };
}

const property = (of: unknown, name: string): unknown => (typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined);
