import { isSpanContextValid, trace } from '@opentelemetry/api';
import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import { describeError } from './described-error.js';

/** A logger of one part of the process: `log.info({ messageId }, 'sentence')`. */
export type Log = Logger;

/** Names that hold a person's data or a secret wherever they stand; the log shows only that they were there. */
const personal = [
  'address',
  'to',
  'email',
  'phone',
  'token',
  'traits',
  'properties',
  'variables',
  'content',
  'profile',
  'event',
  'body',
  'value',
  'values',
  'payload',
  'password',
  'secret',
  'authorization',
  'credentials',
  'sealed',
  'writeKey',
  'secretKey',
  'masterKey',
];

let service = process.env['OTEL_SERVICE_NAME'] ?? 'tidings';

/** Sets the `service` field of every line this process writes from now on. */
export function nameService(name: string): void {
  service = name;
}

/** The name of this process in logs and traces. */
export const serviceName = (): string => service;

/** Every line says who wrote it and, within a span, which trace it belongs to. */
function origin(): Record<string, string> {
  const span = trace.getActiveSpan()?.spanContext();
  return span && isSpanContextValid(span) ? { service, trace_id: span.traceId, span_id: span.spanId } : { service };
}

/** Only errors need describing; the bus, for one, says what went wrong in a sentence. */
const described = (error: unknown): unknown => (error instanceof Error ? describeError(error) : error);

const options = (level: string): LoggerOptions => ({
  level,
  base: process.env['SERVICE_VERSION'] ? { version: process.env['SERVICE_VERSION'] } : {},
  messageKey: 'message',
  timestamp: () => `,"ts":"${new Date().toISOString()}"`,
  formatters: { level: (label) => ({ level: label }) },
  mixin: origin,
  serializers: { err: described, error: described },
  redact: { paths: personal.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
});

/** A logger that writes JSON lines to a stream of the caller's. */
export const logTo = (stream: DestinationStream, level = 'info'): Log => pino(options(level), stream);

const levels = new Set(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']);
let root: Log | null = null;

/** The logger of a part of this process: JSON lines on stdout from LOG_LEVEL up, personal data and secrets left out. */
export function logger(name: string): Log {
  const level = process.env['LOG_LEVEL'] ?? '';
  root ??= logTo(pino.destination({ dest: 1, sync: true }), levels.has(level) ? level : 'info');
  return root.child({ name });
}
