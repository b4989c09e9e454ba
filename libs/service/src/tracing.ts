/** Sends what is left and stops. */
export type StopTracing = () => Promise<void>;

/** Whether the standard OTEL_* settings name somebody to send traces to. */
const wanted = (env: NodeJS.ProcessEnv): boolean =>
  Boolean(env['OTEL_EXPORTER_OTLP_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) &&
  env['OTEL_SDK_DISABLED'] !== 'true';

/**
 * Has spans recorded and sent by OTLP over HTTP when the environment names a receiver. Otherwise nothing is
 * loaded: the SDK takes tens of megabytes that a process without traces should not pay for.
 */
export async function startTracing(
  serviceName: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<StopTracing | null> {
  if (!wanted(env)) return null;
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const sdk = new NodeSDK({
    serviceName: env['OTEL_SERVICE_NAME'] ?? serviceName,
    traceExporter: new OTLPTraceExporter(),
    // Metrics are scraped and logs go to stdout, whatever the environment says for other programs.
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  return () => sdk.shutdown();
}
