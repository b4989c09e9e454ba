import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adminServer } from './admin-server.js';
import { Health } from './health.js';
import { counter, gauge, histogram } from './metrics.js';
import { listen } from './ports.js';
import { startMetrics } from './prometheus.js';

describe('the admin port', () => {
  const early = counter('tidings_spec_early_total', 'Declared before the process measures.');
  const health = new Health();
  let server: Server;
  let url = '';

  beforeAll(async () => {
    early.add(5);
    server = adminServer(health, startMetrics());
    url = `http://127.0.0.1:${await listen(server, 0, 'ADMIN_PORT')}`;
  });
  afterAll(() => void server.close());

  it('tells what was measured, in the names and labels that were given', async () => {
    early.add(1);
    early.add(2, { result: 'refused' });
    const seconds = histogram('tidings_spec_seconds', 'How long.', [0.1, 1]);
    seconds.record(0.05);
    seconds.record(0.5, { stage: 'spec' });
    gauge('tidings_spec_depth', 'How deep.', () => 7);
    gauge('tidings_spec_lag', 'How far behind.', async () => [
      { value: 1, labels: { topic: 'a' } },
      { value: 2, labels: { topic: 'b' } },
    ]);

    const text = await (await fetch(`${url}/metrics`)).text();
    const lines = text.split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        '# TYPE tidings_spec_early_total counter',
        'tidings_spec_early_total 1',
        'tidings_spec_early_total{result="refused"} 2',
        'tidings_spec_seconds_bucket{stage="spec",le="0.1"} 0',
        'tidings_spec_seconds_bucket{stage="spec",le="1"} 1',
        'tidings_spec_depth 7',
        'tidings_spec_lag{topic="b"} 2',
      ]),
    );
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
  });

  it.each(['live', 'ready'] as const)('answers the %s probe, and says which check fails', async (probe) => {
    let trouble: string | null = null;
    health[probe === 'live' ? 'checkLive' : 'checkReady']('consumers', () => trouble);
    health[probe === 'live' ? 'checkLive' : 'checkReady']('catalog', () => null);
    const well = await fetch(`${url}/health/${probe}?from=kubelet`);
    expect([well.status, await well.json()]).toEqual([
      200,
      { status: 'ok', checks: { consumers: 'ok', catalog: 'ok' } },
    ]);

    trouble = 'orchestrator has no partitions';
    const ill = await fetch(`${url}/health/${probe}`);
    expect([ill.status, await ill.json()]).toEqual([
      503,
      { status: 'failing', checks: { consumers: trouble, catalog: 'ok' } },
    ]);
  });

  it.each([
    ['GET', '/'],
    ['GET', '/health'],
    ['POST', '/metrics'],
  ])('knows nothing of %s %s', async (method, path) => {
    expect((await fetch(url + path, { method })).status).toBe(404);
  });
});
