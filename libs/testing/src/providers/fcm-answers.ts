const fcmError = (errorCode: string): unknown => ({ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode });
const badField = (field: string): unknown => ({
  '@type': 'type.googleapis.com/google.rpc.BadRequest',
  fieldViolations: [{ field, description: 'The registration token is not a valid FCM registration token' }],
});
const errorInfo = (reason: string): unknown => ({ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com' });

/** An error answer of FCM HTTP v1. */
export interface FcmAnswer {
  readonly status: number;
  readonly body: unknown;
}

const answer = (status: number, name: string, message: string, details: readonly unknown[] = []): FcmAnswer => ({
  status,
  body: { error: { code: status, message, status: name, ...(details.length > 0 ? { details } : {}) } },
});

/** Every error that FCM's documentation and clients know, by the name that orders it: as a token's beginning or by control. */
export const fcmAnswers: Readonly<Record<string, FcmAnswer>> = {
  'invalid-token': answer(400, 'INVALID_ARGUMENT', 'The registration token is not a valid FCM registration token', [badField('message.token'), fcmError('INVALID_ARGUMENT')]),
  'invalid-argument': answer(400, 'INVALID_ARGUMENT', 'Invalid value at message.data', [badField('message.data[0].value'), fcmError('INVALID_ARGUMENT')]),
  'too-big': answer(400, 'INVALID_ARGUMENT', 'Android message is too big'),
  unregistered: answer(404, 'NOT_FOUND', 'Requested entity was not found.', [fcmError('UNREGISTERED')]),
  'not-found': answer(404, 'NOT_FOUND', 'Requested entity was not found.'),
  'sender-mismatch': answer(403, 'PERMISSION_DENIED', 'SenderId mismatch', [fcmError('SENDER_ID_MISMATCH')]),
  'permission-denied': answer(403, 'PERMISSION_DENIED', 'Permission cloudmessaging.messages.create denied on resource'),
  unauthenticated: answer(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.'),
  'third-party-auth': answer(401, 'UNAUTHENTICATED', 'Auth error from APNS or Web Push Service', [fcmError('THIRD_PARTY_AUTH_ERROR')]),
  'quota-exceeded': answer(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded.', [fcmError('QUOTA_EXCEEDED')]),
  'rate-limited': answer(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded for quota metric', [errorInfo('RATE_LIMIT_EXCEEDED')]),
  unavailable: answer(503, 'UNAVAILABLE', 'The service is currently unavailable.', [fcmError('UNAVAILABLE')]),
  internal: answer(500, 'INTERNAL', 'Internal error encountered.', [fcmError('INTERNAL')]),
};
