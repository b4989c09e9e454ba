import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { CrashRig } from '../harness/crash-rig.js';

describe('SIGTERM under load', () => {
  let rig: CrashRig;
  beforeAll(async () => {
    rig = await CrashRig.start({ form: 'services', replicas: 2 });
  }, 240_000);
  afterAll(() => rig.stop(), 60_000);

  it('loses nothing, repeats nothing, and every process leaves with 0 within 30 seconds', async () => {
    const apps = [...new Set(rig.installation.processes.map(({ plan }) => plan.app))];
    const loading = rig.load({ eventsPerSecond: 300, seconds: apps.length * 3 + 5, prefix: 'leave', tenthsByKafka: 2 });
    for (const app of apps) {
      await sleep(1_500);
      const [first] = rig.installation.of(app);
      const started = Date.now();
      expect([app, await first?.stop()]).toEqual([app, { code: 0, signal: null }]);
      expect(Date.now() - started).toBeLessThan(30_000);
      await first?.start();
      await first?.untilReady();
    }
    const { acknowledged, unacknowledged } = await loading;
    expect(unacknowledged).toEqual([]);
    await rig.untilDelivered(acknowledged, 60_000);
    const { lost, repeated } = await rig.judge(acknowledged);
    expect({ lost, repeated }).toEqual({ lost: [], repeated: [] });
  }, 240_000);
});
