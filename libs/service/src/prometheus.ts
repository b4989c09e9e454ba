import type { IncomingMessage, ServerResponse } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { gauge, measureWith } from './metrics.js';

/** Answers a scrape with everything that was measured, in Prometheus's text format. */
export type Scrape = (request: IncomingMessage, response: ServerResponse) => void;

/** Makes this process measure: all counters, histograms and gauges count from here on. Called once per process. */
export function startMetrics(): Scrape {
  const exporter = new PrometheusExporter({
    preventServerStart: true,
    withoutScopeInfo: true,
    withoutTargetInfo: true,
  });
  const provider = new MeterProvider({ readers: [exporter] });
  metrics.setGlobalMeterProvider(provider);
  measureWith(provider.getMeter('tidings'));
  measureProcess();
  return (request, response) => exporter.getMetricsRequestHandler(request, response);
}

const nanoseconds = 1e-9;

function measureProcess(): void {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  gauge('tidings_event_loop_delay_seconds', 'How late timers fire since the last look, by quantile.', () => {
    const readings = [0.5, 0.99, 1].map((quantile) => ({
      value: (quantile === 1 ? delay.max : delay.percentile(quantile * 100)) * nanoseconds,
      labels: { quantile },
    }));
    delay.reset();
    return readings;
  });
  gauge('process_resident_memory_bytes', 'Memory of this process that is in RAM.', () => process.memoryUsage.rss());
  gauge('process_start_time_seconds', 'When this process started, in seconds since 1970.', () =>
    Math.round(performance.timeOrigin / 1000),
  );
}
