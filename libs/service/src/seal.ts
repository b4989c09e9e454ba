import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const ivBytes = 12;
const tagBytes = 16;
const derived = new Map<string, Buffer>();

/** The key for one purpose; what is sealed for one purpose cannot be opened for another. */
function keyOf(master: string, purpose: string): Buffer {
  const name = `${purpose}\n${master}`;
  let key = derived.get(name);
  if (key === undefined) {
    key = Buffer.from(hkdfSync('sha256', master, 'tidings', purpose, 32));
    // Purposes and master keys are few; the bound is against a caller who makes purposes up.
    if (derived.size < 100) derived.set(name, key);
  }
  return key;
}

/** The master keys of MASTER_KEY, which holds one or, while keys are rotated, several joined by commas. */
const masters = (masterKey: string): readonly string[] => masterKey.split(',').map((key) => key.trim());

/** Encrypts and authenticates bytes (AES-256-GCM) with the first master key; `context` must be given again to open them. */
export function encrypt(masterKey: string, purpose: string, context: string, plain: Buffer): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', keyOf(masters(masterKey)[0] ?? '', purpose), iv).setAAD(
    Buffer.from(context),
  );
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([iv, body, cipher.getAuthTag()]);
}

/** What `encrypt` was given, or null when key, purpose, context or bytes are not the same. */
export function decrypt(masterKey: string, purpose: string, context: string, sealed: Buffer): Buffer | null {
  if (sealed.length < ivBytes + tagBytes) return null;
  for (const master of masters(masterKey)) {
    const plain = decryptWith(keyOf(master, purpose), context, sealed);
    if (plain !== null) return plain;
  }
  return null;
}

function decryptWith(key: Buffer, context: string, sealed: Buffer): Buffer | null {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivBytes), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(-tagBytes));
  const body = decipher.update(sealed.subarray(ivBytes, -tagBytes));
  try {
    return Buffer.concat([body, decipher.final()]);
  } catch {
    // The cipher's only way to say that the bytes are not authentic, which is an answer, not a failure.
    return null;
  }
}

const version = 'v1.';

/** Seals a secret for keeping; `context` says what it belongs to, such as `workspace:provider`, and is needed to open it. */
export function seal(masterKey: string, context: string, plaintext: string): string {
  return version + encrypt(masterKey, 'seal', context, Buffer.from(plaintext)).toString('base64url');
}

/** The secret that was sealed in this context, or null when it was altered or belongs elsewhere. */
export function open(masterKey: string, context: string, sealed: string): string | null {
  if (!sealed.startsWith(version)) return null;
  return (
    decrypt(masterKey, 'seal', context, Buffer.from(sealed.slice(version.length), 'base64url'))?.toString() ?? null
  );
}
