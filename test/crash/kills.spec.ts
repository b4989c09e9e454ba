import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seededRandom } from '@tidings/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { CrashRig } from '../harness/crash-rig.js';
import { Supervisor } from '../harness/supervisor.js';

const long = process.env['FAULTS'] === 'long';
const rounds = long ? 10 : 1;
const seed = Number(process.env['FAULTS_SEED'] ?? Date.now() % 1_000_000);
const random = seededRandom(seed);

/** What a dispatcher may have in a provider's hands when it is killed: its calls under way, over its partitions. */
const inFlightPerKill = 64 * 6;

describe(`kill -9 under load (FAULTS_SEED=${seed})`, () => {
  let rig: CrashRig;
  beforeAll(async () => {
    rig = await CrashRig.start({ form: 'services', replicas: 2 });
  }, 240_000);
  afterAll(() => rig.stop(), 60_000);

  it(
    'loses nothing, and repeats only what was in flight, marked and under the same key',
    async () => {
      const { processes } = rig.installation;
      const supervisor = new Supervisor(processes);
      const apps = [...new Set(processes.map(({ plan }) => plan.app))];
      const kills = Array.from({ length: rounds }, () => apps.toSorted(() => random() - 0.5)).flat();
      const pause = () => 1_000 + random() * 3_000;
      const pauses = kills.map(pause);
      const seconds = Math.ceil(pauses.reduce((sum, ms) => sum + ms, 0) / 1_000) + 5;

      const loading = rig.load({ eventsPerSecond: 300, seconds, prefix: 'kill', tenthsByKafka: 2 });
      let dispatcherKills = 0;
      for (const [index, app] of kills.entries()) {
        await sleep(pauses[index]);
        const victims = rig.installation.of(app);
        const victim = victims[Math.floor(random() * victims.length)];
        if (app === 'dispatcher-push') dispatcherKills += 1;
        if (victim?.running) await victim.kill();
      }
      const { acknowledged, unacknowledged } = await loading;
      expect(unacknowledged).toEqual([]);
      await rig.untilDelivered(acknowledged, 90_000);
      const verdict = await rig.judge(acknowledged);
      process.stderr.write(
        `kills ${kills.length}, restarts ${supervisor.restarts}, acknowledged ${acknowledged.length}, lost ${verdict.lost.length}, repeated ${verdict.repeated.length}\n`,
      );
      if (verdict.lost.length > 0) process.stderr.write(rig.installation.logs());
      expect(verdict.lost).toEqual([]);
      expect(verdict.unmarked).toEqual([]);
      expect(verdict.visible).toEqual([]);
      expect(verdict.repeated.length).toBeLessThanOrEqual(dispatcherKills * inFlightPerKill);
      expect(supervisor.restarts).toBeGreaterThanOrEqual(apps.length);
      expect(await rig.reconciled(acknowledged.length)).toMatchObject({ difference: 0, failed: 0 });
      supervisor.release();
    },
    long ? 1_800_000 : 300_000,
  );
});
