import {
  context, isSpanContextValid, ProxyTracerProvider, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace,
  type Span, type SpanContext, type Tracer,
} from '@opentelemetry/api'; // prettier-ignore

const SAMPLED = 1;
const pattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Reads a W3C traceparent; null for a text that is none. */
export function readTraceparent(text: string | null | undefined): SpanContext | null {
  const parts = text ? pattern.exec(text) : null;
  if (!parts?.[1] || !parts[2] || !parts[3]) return null;
  const span = { traceId: parts[1], spanId: parts[2], traceFlags: Number.parseInt(parts[3], 16), isRemote: true };
  return isSpanContextValid(span) ? span : null;
}

/** Writes a span's identity as a W3C traceparent. */
export const writeTraceparent = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;

/** The traceparent of the active span, or null outside of any. */
export function activeTraceparent(): string | null {
  const span = trace.getSpanContext(context.active());
  return span && isSpanContextValid(span) ? writeTraceparent(span) : null;
}

/** The tracer, or null while nobody collects spans: then tracing costs nothing. */
export function activeTracer(): Tracer | null {
  const provider = trace.getTracerProvider();
  const collected =
    !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer('@tidings/bus') !== undefined;
  return collected ? provider.getTracer('@tidings/bus') : null;
}

/** Where a message came from, as far as a span tells. */
export interface Processed {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** The span of handling one message, child of the span that published it; null when that was not sampled. */
export function processSpan(
  tracer: Tracer,
  traceparent: string | null,
  message: Processed,
  group: string,
): Span | null {
  const parent = readTraceparent(traceparent);
  if (!parent || (parent.traceFlags & SAMPLED) === 0) return null;
  const attributes = {
    'messaging.system': 'kafka',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': message.topic,
    'messaging.destination.partition.id': String(message.partition),
    'messaging.kafka.offset': message.offset,
    'messaging.consumer.group.name': group,
  };
  const options = { kind: SpanKind.CONSUMER, attributes };
  return tracer.startSpan(`process ${message.topic}`, options, trace.setSpanContext(ROOT_CONTEXT, parent));
}

/** Ends spans, all with the class of the error when there was one. */
export function endSpans(spans: readonly Span[], error: unknown = null): void {
  for (const span of spans) {
    if (error !== null)
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
    span.end();
  }
}
