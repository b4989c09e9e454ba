import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownKafka, ownPostgres } from '@tidings/testing';
import { CrashRig } from '../harness/crash-rig.js';
import { eventually } from '../harness/eventually.js';
import { Supervisor } from '../harness/supervisor.js';

describe('Kafka and Postgres restarted under load', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-outage-'));
  let kafka: Awaited<ReturnType<typeof ownKafka>>;
  let postgres: Awaited<ReturnType<typeof ownPostgres>>;
  let rig: CrashRig;
  let supervisor: Supervisor;

  beforeAll(async () => {
    kafka = await ownKafka({ dir: join(folder, 'kafka') });
    postgres = await ownPostgres({ dir: join(folder, 'postgres'), durable: true });
    rig = await CrashRig.start({ form: 'services', kafkaBrokers: kafka.brokers, postgresUrl: postgres.url() });
    supervisor = new Supervisor(rig.installation.processes);
  }, 240_000);
  afterAll(async () => {
    supervisor.release();
    await rig.stop();
    await Promise.all([kafka.stop(), postgres.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  /**
   * Somebody new signs up and gets the push: everything works again. On a machine with nothing else to do it takes
   * 10 to 20 seconds, most of it the group's wait for members that died; the bound is for machines that are busy.
   */
  const worksAgain = async (name: string) => {
    const started = Date.now();
    await eventually(
      async () => {
        const { acknowledged } = await rig.load({ eventsPerSecond: 20, seconds: 0.1, prefix: `${name}-${Math.random()}`, tenthsByKafka: 0 });
        await rig.untilDelivered(acknowledged, 3_000);
        expect((await rig.judge(acknowledged)).lost).toEqual([]);
      },
      120_000,
      500,
    );
    process.stderr.write(`${name}: works again after ${((Date.now() - started) / 1_000).toFixed(1)} s, restarts ${supervisor.restarts}\n`);
  };

  it('loses nothing when the broker is killed and comes back, and never says yes without it', async () => {
    const loading = rig.load({ eventsPerSecond: 200, seconds: 20, prefix: 'broker', tenthsByKafka: 0 });
    await sleep(4_000);
    await kafka.kill();
    await sleep(1_000);
    const answer = await rig.installation.segment('track', { userId: 'nobody', event: 'Signed Up' }).then(({ status }) => status);
    expect(answer).toBe(503);
    await sleep(3_000);
    kafka = await ownKafka({ dir: kafka.dir, port: kafka.port });
    await worksAgain('after-broker');
    const { acknowledged, answers, unacknowledged } = await loading;
    await rig.untilDelivered(acknowledged, 60_000);
    const { lost, visible } = await rig.judge(acknowledged);
    expect({ lost, visible, unacknowledged }).toEqual({ lost: [], visible: [], unacknowledged: [] });
    expect([...answers.keys()].every((status) => status === 200 || status === 503)).toBe(true);
  }, 300_000);

  it('loses nothing when the database is killed and comes back', async () => {
    const loading = rig.load({ eventsPerSecond: 200, seconds: 20, prefix: 'database', tenthsByKafka: 0 });
    await sleep(4_000);
    await postgres.kill();
    await sleep(4_000);
    postgres = await ownPostgres({ dir: postgres.dir, port: postgres.port, durable: true });
    await worksAgain('after-database');
    const { acknowledged, unacknowledged } = await loading;
    await rig.untilDelivered(acknowledged, 60_000);
    const { lost, unmarked, visible } = await rig.judge(acknowledged);
    expect({ lost, unmarked, visible, unacknowledged }).toEqual({ lost: [], unmarked: [], visible: [], unacknowledged: [] });
    await rig.reconciled(acknowledged.length);
  }, 300_000);
});
