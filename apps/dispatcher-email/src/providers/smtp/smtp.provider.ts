import { createTransport, type Transporter } from 'nodemailer';
import { numberSetting, textSetting, type Provider, type ProviderAccount, type ProviderRequest, type SendResult } from '@tidings/dispatch';
import type { Mail } from '../../mail.js';
import { toResult } from './to-result.js';
import { transportOptions } from './transport-options.js';

/** Any mail server. Settings: `host`, `port`, `secure`, `from`, `connections`, DKIM; credentials: `user`, `password`, `dkimPrivateKey`. */
export class SmtpProvider implements Provider<Mail> {
  readonly name = 'smtp';
  readonly idempotent = false;
  readonly groupSize = 1;
  private readonly from: string;
  private readonly transport: Transporter;
  /** The texts of mails in hand, by `Message-ID`: whether a server can have one shows in whether it was read. */
  private readonly texts = new Map<string, NodeJS.ReadableStream>();

  constructor(account: ProviderAccount, sender: string) {
    this.from = textSetting(account.settings, 'from') ?? sender;
    this.transport = createTransport(transportOptions(account, { connections: numberSetting(account.settings, 'connections', 5) }));
    this.transport.use('stream', ({ message, data }, done) => {
      const read = message.createReadStream.bind(message);
      message.createReadStream = (options) => {
        const text = read(options);
        this.texts.set(data.messageId ?? '', text);
        return text;
      };
      done();
    });
  }

  send(requests: readonly ProviderRequest<Mail>[]): Promise<readonly SendResult[]> {
    return Promise.all(requests.map((request) => this.sendOne(request)));
  }

  close(): Promise<void> {
    this.transport.close();
    return Promise.resolve();
  }

  private async sendOne({ endpoint, content }: ProviderRequest<Mail>): Promise<SendResult> {
    const { subject, html, text, from, replyTo, headers, messageIdHeader } = content;
    const mail = { from: from ?? this.from, to: { name: '', address: endpoint.address }, subject, html, text, headers: { ...headers }, messageId: messageIdHeader };
    try {
      await this.transport.sendMail({ ...mail, ...(replyTo === null ? {} : { replyTo }) });
      return { kind: 'accepted', providerId: messageIdHeader };
    } catch (error) {
      return toResult(failureOf(error, wasRead(this.texts.get(messageIdHeader))));
    } finally {
      this.texts.delete(messageIdHeader);
    }
  }
}

const wasRead = (text: NodeJS.ReadableStream | undefined): boolean => text !== undefined && 'readableDidRead' in text && text.readableDidRead === true;

function failureOf(error: unknown, textBegan: boolean) {
  const of = (name: string): unknown => (typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined);
  const [code, responseCode, response] = [of('code'), of('responseCode'), of('response')];
  return {
    textBegan,
    code: typeof code === 'string' ? code : null,
    responseCode: typeof responseCode === 'number' ? responseCode : null,
    response: typeof response === 'string' ? response : null,
    message: error instanceof Error ? error.message : String(error),
  };
}
