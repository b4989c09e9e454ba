import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
  type SpanContext,
  type TracerProvider,
} from '@opentelemetry/api';
import { beginSpan, inSpan } from './span.js';

const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('a span without anybody to collect it', () => {
  it('hands the parent on and costs nothing else', async () => {
    expect(beginSpan('work', { parent }).traceparent).toBe(parent);
    expect(await inSpan('work', { parent: null }, async (traceparent) => traceparent)).toBeNull();
  });
});

describe('a span that is collected', () => {
  const ended: { name: string; parentSpanId: string | undefined; attributes: Attributes; failed: boolean }[] = [];

  /** The least that can be told from our side of the API. */
  const provider: TracerProvider = {
    getTracer: () => ({
      startSpan: (name, options, context): Span => {
        const parentContext = context && trace.getSpanContext(context);
        const own: SpanContext = {
          traceId: parentContext?.traceId ?? '1'.repeat(32),
          spanId: '2'.repeat(16),
          traceFlags: 1,
        };
        const span = {
          name,
          parentSpanId: parentContext?.spanId,
          attributes: { ...options?.attributes },
          failed: false,
        };
        const made: Span = {
          spanContext: () => own,
          isRecording: () => true,
          setAttribute: (key, value) => (Object.assign(span.attributes, { [key]: value }), made),
          setAttributes: (attributes) => (Object.assign(span.attributes, attributes), made),
          setStatus: ({ code }) => ((span.failed = code === SpanStatusCode.ERROR), made),
          addEvent: () => made,
          addLink: () => made,
          addLinks: () => made,
          updateName: () => made,
          recordException: () => undefined,
          end: () => void ended.push(span),
        };
        return made;
      },
      startActiveSpan: () => {
        throw new Error('spans are made by hand');
      },
    }),
  };

  beforeEach(() => {
    ended.length = 0;
    trace.setGlobalTracerProvider(provider);
  });
  afterEach(() => trace.disable());

  it('hangs below its parent, and what follows hangs below it', async () => {
    const traceparent = await inSpan('send push', { parent, attributes: { provider: 'fcm' } }, async (own) => own);
    expect(traceparent).toBe(`00-0af7651916cd43dd8448eb211c80319c-${'2'.repeat(16)}-01`);
    expect(ended).toEqual([
      { name: 'send push', parentSpanId: 'b7ad6b7169203331', attributes: { provider: 'fcm' }, failed: false },
    ]);
  });

  it('begins a trace without a parent, or with one that is none', () => {
    beginSpan('a', { parent: null }).end();
    beginSpan('b', { parent: 'garbage' }).end();
    expect(ended.map(({ parentSpanId }) => parentSpanId)).toEqual([undefined, undefined]);
  });

  it('records of a failure only its class: a message may name a person', async () => {
    const failing = inSpan('send email', { parent }, () =>
      Promise.reject(new RangeError('someone@mail.example is unknown')),
    );
    await expect(failing).rejects.toThrow(RangeError);
    expect(ended[0]).toMatchObject({ failed: true, attributes: { 'error.type': 'RangeError' } });
    expect(JSON.stringify(ended)).not.toContain('someone@mail.example');
  });
});
