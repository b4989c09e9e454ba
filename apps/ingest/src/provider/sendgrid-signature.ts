import { createPublicKey, verify, type KeyObject } from 'node:crypto';

/** What SendGrid's event webhook sends beside the body. */
export interface Signed {
  readonly signature: string | undefined;
  /** Seconds since 1970, as text. */
  readonly timestamp: string | undefined;
  readonly body: Buffer;
}

/**
 * SendGrid delivers a call again for 24 hours. A repeat inside that time brings events that are known by their ids and
 * dropped behind us, so it is harmless; what is older, or from a future that no clock explains, is somebody else's copy.
 */
const oldestMs = 24 * 3_600_000 + 600_000;
const aheadMs = 600_000;

/** Whether the bytes were signed, lately, by the holder of this key (ECDSA P-256 over timestamp and raw body). */
export function isFromSendGrid(publicKey: string, { signature, timestamp, body }: Signed, now: Date): boolean {
  const key = publicKeyOf(publicKey);
  if (key === null || signature === undefined || timestamp === undefined || !isFresh(timestamp, now)) return false;
  const signed = Buffer.concat([Buffer.from(timestamp), body]);
  return verify('sha256', signed, { key, dsaEncoding: 'der' }, Buffer.from(signature, 'base64'));
}

function isFresh(timestamp: string, now: Date): boolean {
  if (!/^\d{1,12}$/.test(timestamp)) return false;
  const age = now.getTime() - Number(timestamp) * 1000;
  return age <= oldestMs && age >= -aheadMs;
}

const keys = new Map<string, KeyObject | null>();

/** The key as SendGrid shows it: base64 of DER. Null for a text that is none. */
function publicKeyOf(text: string): KeyObject | null {
  let key = keys.get(text);
  if (key === undefined) {
    key = parsed(text);
    if (keys.size >= 1000) keys.clear();
    keys.set(text, key);
  }
  return key;
}

function parsed(text: string): KeyObject | null {
  try {
    return createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
  } catch {
    // A setting that somebody mistyped: nothing is verified with it, and the caller is refused.
    return null;
  }
}
