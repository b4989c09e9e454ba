import {
  ProxyTracerProvider,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';

/** What a span is called after, whom it belongs to, and what it says: opaque ids and names only. */
export interface SpanOptions {
  /** The W3C `traceparent` of what caused this; null begins a trace. */
  readonly parent: string | null;
  readonly kind?: 'internal' | 'server' | 'client';
  readonly attributes?: Attributes;
}

/** A span that somebody ends. */
export interface OpenSpan {
  /** What to hand on, so that the rest of the trace hangs below this span; the parent's when nothing is recorded. */
  readonly traceparent: string | null;
  /** Ends it, as failed when an error is given; only the error's class is recorded. */
  end(attributes?: Attributes, error?: unknown): void;
}

const kinds = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT } as const;
const form = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Begins a span. Without a configured exporter this costs next to nothing and hands the parent on. */
export function beginSpan(name: string, { parent, kind = 'internal', attributes = {} }: SpanOptions): OpenSpan {
  const span = tracer()?.startSpan(name, { kind: kinds[kind], attributes }, contextOf(parent));
  if (span === undefined || !span.isRecording()) return { traceparent: parent, end: () => undefined };
  return { traceparent: traceparentOf(span), end: (more, error) => end(span, more, error) };
}

/** Does work within a span, which ends with it; `work` is given the traceparent to hand on. */
export async function inSpan<T>(
  name: string,
  options: SpanOptions,
  work: (traceparent: string | null) => Promise<T>,
): Promise<T> {
  const span = beginSpan(name, options);
  try {
    const result = await work(span.traceparent);
    span.end();
    return result;
  } catch (error) {
    span.end({}, error);
    throw error;
  }
}

function tracer(): Tracer | undefined {
  const provider = trace.getTracerProvider();
  return provider instanceof ProxyTracerProvider
    ? provider.getDelegateTracer('tidings')
    : provider.getTracer('tidings');
}

function contextOf(traceparent: string | null): Context {
  const [, traceId, spanId, flags] = form.exec(traceparent ?? '') ?? [];
  if (!traceId || !spanId || !flags) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: parseInt(flags, 16), isRemote: true });
}

function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

function end(span: Span, attributes: Attributes = {}, error?: unknown): void {
  span.setAttributes(attributes);
  if (error !== undefined) {
    span.setAttribute('error.type', error instanceof Error ? error.constructor.name : typeof error);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}
