import { parseArgs } from 'node:util';
import { startFcmSimulator } from './fcm-simulator.js';
import { startSendgridSimulator } from './sendgrid-simulator.js';
import { startSmtpSimulator } from './smtp-simulator.js';

const { values } = parseArgs({
  options: {
    kind: { type: 'string' },
    journal: { type: 'string' },
    port: { type: 'string', default: '0' },
    'latency-ms': { type: 'string', default: '0' },
    'quota-per-minute': { type: 'string' },
  },
});
const options = {
  journal: values.journal ?? null,
  port: Number(values.port),
  latencyMs: Number(values['latency-ms']),
  quotaPerMinute: values['quota-per-minute'] === undefined ? null : Number(values['quota-per-minute']),
};

const starts: Readonly<Record<string, () => Promise<object>>> = {
  fcm: async () => {
    const fcm = await startFcmSimulator(options);
    return { port: fcm.port, url: fcm.url, controlUrl: fcm.controlUrl, serviceAccount: fcm.serviceAccount() };
  },
  sendgrid: async () => {
    const { port, url } = await startSendgridSimulator(options);
    return { port, url, controlUrl: url };
  },
  smtp: async () => {
    const { port, controlUrl } = await startSmtpSimulator(options);
    return { port, controlUrl };
  },
};

/** Starts the simulator that was asked for, and says in one JSON line how to reach it. */
async function run(): Promise<void> {
  const start = starts[values.kind ?? ''];
  if (start) return say({ kind: values.kind, ...(await start()) });
  process.stderr.write('usage: run.mjs --kind fcm|sendgrid|smtp [--journal file] [--port 0] [--latency-ms 0] [--quota-per-minute n]\n');
  process.exit(2);
}

const say = (reachable: unknown): void => void process.stdout.write(`${JSON.stringify(reachable)}\n`);

await run();
