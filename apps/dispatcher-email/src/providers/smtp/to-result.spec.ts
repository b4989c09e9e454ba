import { describe, expect, it } from '@jest/globals';
import type { SendResult } from '@tidings/dispatch';
import { toResult } from './to-result.js';

type Row = [sentence: string, textBegan: boolean, code: string, response: string | null, kind: SendResult['kind'] | 'busy, full' | 'rejected, full'];

describe('what a mail server answers', () => {
  it.each<Row>([
    ['the user is unknown', false, 'EENVELOPE', '550 5.1.1 User unknown', 'bad-address'],
    ['the domain does not exist', false, 'EENVELOPE', '550 5.1.2 Bad destination system', 'bad-address'],
    ['the domain takes no mail', false, 'EENVELOPE', '556 5.1.10 Null MX', 'bad-address'],
    ['the mailbox is disabled', false, 'EENVELOPE', '550 5.2.1 Mailbox disabled', 'bad-address'],
    ['the sender is at fault, not the recipient', false, 'EENVELOPE', '553 5.1.8 Bad sender', 'rejected'],
    ['a bare 550 may be anything', false, 'EENVELOPE', '550 No', 'rejected'],
    ['a policy suppresses nobody', true, 'EMESSAGE', '550 5.7.26 Unauthenticated mail', 'rejected'],
    ['5.7.1 likewise', false, 'EENVELOPE', '554 5.7.1 Relay access denied', 'rejected'],
    ['over quota for good', false, 'EENVELOPE', '552 5.2.2 Over quota', 'rejected, full'],
    ['too big', true, 'EMESSAGE', '552 5.3.4 Message too big', 'rejected'],
    ['mailbox full for now', false, 'EENVELOPE', '452 4.2.2 Mailbox full', 'busy, full'],
    ['another trouble with the mailbox', false, 'EENVELOPE', '450 4.2.1 Mailbox busy', 'busy'],
    ['greylisted', false, 'EENVELOPE', '450 4.7.1 Try again later', 'busy'],
    ['the server shuts down', false, 'EENVELOPE', '421 4.3.2 Shutting down', 'unavailable'],
    ['the server shuts down with the mail in hand', true, 'ECONNECTION', '421 4.3.2 Shutting down', 'unknown'],
    ['the password is wrong', false, 'EAUTH', '535 5.7.8 Credentials invalid', 'misconfigured'],
    ['authentication is required', false, 'EENVELOPE', '530 5.7.0 Authentication required', 'misconfigured'],
    ['no connection', false, 'ESOCKET', null, 'unavailable'],
    ['no such host', false, 'EDNS', null, 'unavailable'],
    ['no greeting in time', false, 'ETIMEDOUT', null, 'unavailable'],
    ['the connection broke before the mail', false, 'ECONNECTION', null, 'unavailable'],
    ['the reply to the mail was lost', true, 'ETIMEDOUT', null, 'unknown'],
    ['the connection broke within the mail', true, 'ESOCKET', null, 'unknown'],
    ['no recipient at all', false, 'EENVELOPE', null, 'rejected'],
  ])('%s', (_sentence, textBegan, code, response, kind) => {
    const responseCode = response === null ? null : Number(response.slice(0, 3));
    const result = toResult({ textBegan, code, response, responseCode, message: 'm' });
    expect('mailboxFull' in result ? `${result.kind}, full` : result.kind).toBe(kind);
  });
});
