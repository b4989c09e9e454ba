import { textSetting, type ProviderAccount } from '@tidings/dispatch';

/**
 * How nodemailer is set up: a few connections that are kept, no files or URLs into mails, time-outs of seconds where
 * its own are minutes, and, with DKIM, the headers signed that one-click unsubscribing needs signed.
 */
export function transportOptions({ settings, credentials }: ProviderAccount, { connections }: { readonly connections: number }) {
  const host = textSetting(settings, 'host');
  if (host === null) throw new Error('the setting "host" is missing');
  const user = textSetting(credentials, 'user');
  const port = typeof settings['port'] === 'number' ? settings['port'] : 587;
  return {
    pool: true as const,
    host,
    port,
    secure: settings['secure'] === true || port === 465,
    requireTLS: settings['requireTls'] === true,
    maxConnections: connections,
    maxMessages: 1_000,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(user === null ? {} : { auth: { user, pass: textSetting(credentials, 'password') ?? '' } }),
    ...dkim(settings, credentials),
  };
}

/** nodemailer's own list lacks `List-Unsubscribe-Post`, which RFC 8058 wants signed. */
const signedHeaders =
  'From:Sender:Reply-To:Subject:Date:Message-ID:To:Cc:MIME-Version:Content-Type:Content-Transfer-Encoding:List-Unsubscribe:List-Unsubscribe-Post';

function dkim(settings: ProviderAccount['settings'], credentials: unknown) {
  const [domainName, keySelector, privateKey] = [textSetting(settings, 'dkimDomain'), textSetting(settings, 'dkimSelector'), textSetting(credentials, 'dkimPrivateKey')];
  if (domainName === null || keySelector === null || privateKey === null) return {};
  return { dkim: { domainName, keySelector, privateKey, headerFieldNames: signedHeaders } };
}
