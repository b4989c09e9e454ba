import { jsonBounds } from '@tidings/contracts';

/** What one event and one call may be at most. They are part of the public surface: the README lists them. */
export const limits = {
  /** One event as JSON, in bytes. */
  eventBytes: 32 * 1024,
  /** One call with all its events, in bytes after decompression. */
  callBytes: 500 * 1024,
  callEvents: 2_500,
  /** How deep objects and lists may lie in each other, the event itself counted. */
  depth: jsonBounds.depth,
  /** Names in one event, in all its objects together. */
  keys: jsonBounds.keys,
  keyLength: jsonBounds.keyLength,
  idLength: 255,
  /** Shorter than other ids, because `anonymous:` is put before it to make the profile's id. */
  anonymousIdLength: 245,
  nameLength: 255,
  /** How far ahead of our clock an event may claim to have happened. */
  aheadMs: 86_400_000,
} as const;
