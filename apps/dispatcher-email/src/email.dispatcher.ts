import { AddressHash, ChannelDispatcher, dispatchSettings, type DispatchConfig } from '@tidings/dispatch';
import type { Mail } from './mail.js';
import { SendgridProvider } from './providers/sendgrid/sendgrid.provider.js';
import { SmtpProvider } from './providers/smtp/smtp.provider.js';
import { toMail } from './to-mail.js';

type Platform = ConstructorParameters<typeof ChannelDispatcher<Mail>>[1];

/** Sends e-mails; a provider more is a folder under `providers` and a line here. */
export class EmailDispatcher extends ChannelDispatcher<Mail> {
  constructor(config: DispatchConfig, platform: Platform) {
    const publicUrl = config.PUBLIC_URL.replace(/\/+$/, '');
    const sender = `no-reply@${new URL(publicUrl).hostname}`;
    const addressHash = new AddressHash(config.MASTER_KEY);
    super(
      {
        ...dispatchSettings(config),
        channel: 'email',
        schema: 'dispatcher_email',
        adapters: {
          sendgrid: (account) => new SendgridProvider(account, sender),
          smtp: (account) => new SmtpProvider(account, sender),
        },
        fill: (template, send) => toMail(template, send, { masterKey: config.MASTER_KEY, addressHash, publicUrl }),
      },
      platform,
    );
  }
}
