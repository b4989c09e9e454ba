import type { ProviderRequest } from '@tidings/dispatch';
import type { PushContent } from '@tidings/template';

/**
 * A request's JSON for FCM HTTP v1. Everywhere that a platform can tell a repetition by, it finds the message id: a
 * message that had to be sent twice is shown once.
 */
export function toFcmMessage({ send, endpoint, content }: ProviderRequest<PushContent>, now: number): string {
  const { messageId, expiresAt } = send;
  const { title, body, image, link, data } = content;
  const expires = Math.floor(Date.parse(expiresAt) / 1000);
  const ttlSeconds = Math.min(MAX_TTL_SECONDS, Math.max(0, expires - Math.floor(now / 1000)));
  return JSON.stringify({
    message: {
      token: endpoint.address,
      notification: { title, body, ...(image === null ? {} : { image }) },
      data: { ...data, messageId, ...(link === null ? {} : { link }) },
      android: { priority: 'HIGH', ttl: `${String(ttlSeconds)}s`, collapse_key: messageId, notification: { tag: messageId } },
      apns: { headers: { 'apns-collapse-id': messageId, 'apns-expiration': String(expires), 'apns-priority': '10' }, payload: { aps: { sound: 'default' } } },
      webpush: {
        // At most 32 characters of base64url: a UUID without its hyphens.
        headers: { TTL: String(ttlSeconds), Topic: messageId.replaceAll('-', ''), Urgency: 'high' },
        notification: { tag: messageId },
        // FCM refuses any other scheme.
        ...(link?.startsWith('https://') ? { fcm_options: { link } } : {}),
      },
    },
  });
}

/** The longest that FCM keeps a message for a device that is away: 4 weeks. */
const MAX_TTL_SECONDS = 2_419_200;
