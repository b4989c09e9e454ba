import { isUtf8 } from 'node:buffer';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { limits } from '../accept/limits.js';
import { isObject, type JsonObject } from '../accept/refusal.js';
import { failure, type Answer } from './answer.js';

/** The body of a call as JSON, and its length in bytes after decompression. */
export interface ReadBody {
  readonly kind: 'read';
  readonly json: JsonObject;
  readonly bytes: number;
  /** No `\u` in it: so no text in it can be anything but Unicode, and none holds NUL. */
  readonly unescaped: boolean;
}

/** A body that cannot be read, with what to answer. */
export interface UnreadableBody {
  readonly kind: 'unreadable';
  readonly answer: Answer;
}

const unzip = promisify(gunzip);
const unreadable = (status: number, code: string, message: string): UnreadableBody => ({
  kind: 'unreadable',
  answer: failure(status, code, message),
});

/** What a call over the limit is told. */
export const callTooLarge = failure(413, 'too_large', `The call is larger than ${limits.callBytes / 1024} KB.`);

const notGzip = unreadable(400, 'invalid_gzip', 'The body is not valid gzip.');
const notUtf8 = unreadable(400, 'invalid_utf8', 'The body is not valid UTF-8.');
const notJson = unreadable(400, 'invalid_json', 'The body is not valid JSON.');
const notObject = unreadable(400, 'invalid_request', 'The body must be a JSON object.');

type Reading = ReadBody | UnreadableBody;

/**
 * Reads a body, whatever content type it claims: browsers' SDKs send JSON as text. Plain ones are read at once. Never
 * holds more than the limit, however far gzip would unfold.
 */
export function readBody(raw: Buffer, encoding: string | undefined): Reading | Promise<Reading> {
  if (encoding === undefined || encoding === 'identity') return parse(raw);
  return unfold(raw, encoding.trim().toLowerCase()).then((plain) => (Buffer.isBuffer(plain) ? parse(plain) : plain));
}

async function unfold(raw: Buffer, encoding: string): Promise<Buffer | UnreadableBody> {
  if (encoding !== 'gzip' && encoding !== 'x-gzip')
    return unreadable(415, 'unsupported_encoding', 'The body must be plain or gzip.');
  try {
    return await unzip(raw, { maxOutputLength: limits.callBytes });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ERR_BUFFER_TOO_LARGE' ? { kind: 'unreadable', answer: callTooLarge } : notGzip;
  }
}

function parse(plain: Buffer): Reading {
  if (!isUtf8(plain)) return notUtf8;
  const text = plain.toString();
  const json = parseJson(text);
  if (json === undefined) return notJson;
  return isObject(json) ? { kind: 'read', json, bytes: plain.length, unescaped: !text.includes('\\u') } : notObject;
}

/** The parsed value, or undefined, which no JSON is. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's only way to say that a text is not JSON, which is an answer, not a failure.
    return undefined;
  }
}
