import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { Channel } from '@tidings/contracts';

/** Turns addresses into what may outlive them: a keyed hash that only this installation can make. */
export class AddressHash {
  /** As key objects: a hash under bare bytes costs five times as much, since each makes such an object. */
  private readonly keys: readonly KeyObject[];

  /** The master key, or several joined by commas while keys are rotated. */
  constructor(masterKey: string) {
    this.keys = masterKey.split(',').map((key) => createSecretKey(Buffer.from(hkdfSync('sha256', key.trim(), 'tidings', 'suppression', 32))));
  }

  /** The hashes of an address, that of the newest key first. E-mail addresses count as the same in any case. */
  of(channel: Channel, workspace: string, address: string): readonly string[] {
    const text = `${channel}\n${workspace}\n${channel === 'email' ? address.trim().toLowerCase() : address}`;
    return this.keys.map((key) => createHmac('sha256', key).update(text).digest('base64url'));
  }
}
