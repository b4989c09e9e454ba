import { decrypt, encrypt } from './seal.js';

/**
 * An opaque text for links that carries a JSON payload: nobody without the master key can read or make one, and
 * one made for a purpose is worth nothing for another. It does not expire by itself.
 */
export function token(masterKey: string, purpose: string, payload: unknown): string {
  return encrypt(masterKey, 'token', purpose, Buffer.from(JSON.stringify(payload))).toString('base64url');
}

/** The payload of a token made for this purpose; undefined for any other text. */
export function readToken(masterKey: string, purpose: string, text: string): unknown {
  if (text.length > 8192) return undefined;
  const plain = decrypt(masterKey, 'token', purpose, Buffer.from(text, 'base64url'));
  return plain === null ? undefined : JSON.parse(plain.toString());
}
