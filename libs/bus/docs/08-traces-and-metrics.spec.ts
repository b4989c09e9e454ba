import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { type Context, metrics, type Span, type SpanOptions, trace, TraceFlags, type Tracer } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { testKafka } from '@tidings/testing';
import { type Batch, Consumes, type KafkaPublisher, outgoing } from '../src/index.js';
import { eventually, type Order, orders, type RunningBus, someOrders, startBus, startPublisher } from './harness.js';

/**
 * 8. One trace runs through all services.
 *
 * A message carries its `traceparent`. While spans are collected, each message of a sampled trace gets a span of its own,
 * and the handler hands that on with what it publishes. Where nobody collects, the message's own trace is handed on.
 */

const traceId = 'a'.repeat(32);
const traceparentOf = (spanId: string, sampled: boolean) => `00-${traceId}-${spanId}-0${sampled ? 1 : 0}`;
const seen: { n: number; traceparent: string | null }[] = [];

@Controller()
class Packer {
  @Consumes(orders, { group: 'packer', schema: 'none', positions: 'committed' })
  async handle(batch: Batch<Order>): Promise<void> {
    for (const { value, traceparent } of batch.messages) seen.push({ n: value.n, traceparent });
  }
}

/** Spans that were started, as a collector would see them. */
const spans: { name: string; options: SpanOptions; parent: string | undefined; ended: boolean }[] = [];
const tracer = {
  startSpan(name: string, options: SpanOptions = {}, context?: Context): Span {
    const parent = context && trace.getSpanContext(context);
    const record = { name, options, parent: parent?.spanId, ended: false };
    spans.push(record);
    const span = trace.wrapSpanContext({
      traceId: parent?.traceId ?? traceId,
      spanId: 'f'.repeat(15) + String(spans.length),
      traceFlags: TraceFlags.SAMPLED,
    });
    return Object.assign(span, { end: () => (record.ended = true) });
  },
} as Tracer;

describe('traces and metrics', () => {
  const { settings: kafka } = testKafka();
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  let publisher: KafkaPublisher;
  let bus: RunningBus;

  beforeAll(async () => {
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
    publisher = await startPublisher(kafka, [orders]);
    bus = await startBus([Packer], { kafka, publisher });
  });
  afterAll(async () => {
    await bus.close();
    await publisher.close();
    trace.disable();
    metrics.disable();
  });

  const publish = async (n: number, traceparent: string | null) => {
    const [order] = someOrders(1);
    if (order) await publisher.publish([outgoing(orders, { ...order, n }, traceparent)]);
    await eventually(() => seen.some((one) => one.n === n));
    return seen.find((one) => one.n === n)?.traceparent;
  };

  it('hands a message’s own trace on while nobody collects spans', async () => {
    expect(await publish(1, traceparentOf('1'.repeat(16), true))).toBe(traceparentOf('1'.repeat(16), true));
    expect(await publish(2, null)).toBeNull();
    expect(spans).toEqual([]);
  });

  it('gives each sampled message a span, the child of the one that published it', async () => {
    trace.setGlobalTracerProvider({ getTracer: () => tracer });
    expect(await publish(3, traceparentOf('3'.repeat(16), true))).toBe(traceparentOf('f'.repeat(15) + '1', true));
    await eventually(() => spans.every(({ ended }) => ended));
    expect(spans).toMatchObject([{ name: 'process orders', parent: '3'.repeat(16), ended: true }]);
    expect(spans[0]?.options.attributes).toEqual({
      'messaging.system': 'kafka',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'orders',
      'messaging.destination.partition.id': '0',
      'messaging.kafka.offset': 2,
      'messaging.consumer.group.name': 'packer',
    });
  });

  it('makes no span for a trace that was not sampled, nor for a message without one', async () => {
    expect(await publish(4, traceparentOf('4'.repeat(16), false))).toBe(traceparentOf('4'.repeat(16), false));
    expect(await publish(5, null)).toBeNull();
    expect(await publish(6, 'no traceparent')).toBe('no traceparent');
    expect(spans).toHaveLength(1);
  });

  it('measures batches, publishes, lag and rebalances, labelled by group and topic only', async () => {
    await reader.forceFlush();
    const measured = exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
    const labels = Object.fromEntries(
      measured.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.map(({ attributes }) => attributes)]),
    );
    expect(labels).toMatchObject({
      tidings_batch_size: [{ group: 'packer' }],
      tidings_handler_seconds: [{ group: 'packer' }],
      tidings_consumer_lag: [{ group: 'packer', topic: 'orders' }],
      tidings_consumer_lag_seconds: [{ group: 'packer', topic: 'orders' }],
      tidings_rebalance_total: [{ group: 'packer' }],
      tidings_publish_seconds: [{}],
      tidings_published_records_total: [{ topic: 'orders' }],
    });
  });
});
