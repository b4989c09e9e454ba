/** An answer of the tracking API, ready to be sent. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly retryAfterSeconds?: number;
}

/** Everything in the call is durable. The exact bytes matter: SDKs compare. */
export const success: Answer = { status: 200, body: '{"success":true}' };

/** The call is refused; `code` is for programs, the message for people, the field where one is at fault. */
export function failure(status: number, code: string, message: string, field?: string): Answer {
  return { status, body: JSON.stringify({ success: false, code, message, ...(field && { field }) }) };
}

/** The call may be sent again, after so many seconds. */
export function later(status: 429 | 503, retryAfterSeconds: number): Answer {
  const [code, message] =
    status === 429
      ? ['rate_limited', `This key sends too many events. Send again in ${retryAfterSeconds} s.`]
      : ['unavailable', `The event could not be made durable. Send it again in ${retryAfterSeconds} s.`];
  return { ...failure(status, code, message), retryAfterSeconds };
}

/** What a call without a key in force is told. */
export const unauthorised = failure(
  401,
  'unauthorised',
  'Send a write key that is in force as the user name of Basic authentication, or as writeKey.',
);
