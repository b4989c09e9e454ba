import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seededRandom } from '@tidings/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { Backfill, atLeast } from '../harness/backfill.js';
import { tidings } from '../harness/command-line.js';
import { CrashRig } from '../harness/crash-rig.js';
import { CsvImport, ordersEach } from '../harness/csv-import.js';
import { eventually } from '../harness/eventually.js';
import { Front } from '../harness/front.js';
import { Identities } from '../harness/identities.js';
import type { LoadResult } from '../harness/load.js';
import type { CommandResult } from '../harness/output-of.js';
import { SourceLoad } from '../harness/source-load.js';
import { storedText } from '../harness/stored-text.js';
import { Supervisor } from '../harness/supervisor.js';
import { enteringsTold, runsTold } from '../harness/told.js';

const long = process.env['FAULTS'] === 'long';
const rounds = long ? 10 : 1;
const seed = Number(process.env['FAULTS_SEED'] ?? Date.now() % 1_000_000);

/** What a dispatcher may have in a provider's hands when it is killed: its calls under way, over its partitions. */
const inFlightPerKill = 64 * 6;
/** Profiles that a replica of segmentation takes on at once when their time has come. */
const inHandOfTheClock = 500;
/** In everything that is said of those who are erased, and in nothing else. */
const canary = 'canary5d1e77';
const sizes = long ? { visitors: 800, buyers: 20_000, sources: 2_000, leavers: 200 } : { visitors: 80, buyers: 4_000, sources: 200, leavers: 24 };

describe(`kill -9 and SIGTERM under load (FAULTS_SEED=${seed})`, () => {
  let rig: CrashRig;
  let front: Front;
  let supervisor: Supervisor;
  let identities: Identities;
  let imports: CsvImport;
  let sources: SourceLoad;
  let backfill: Backfill;
  let signedUp: LoadResult;
  let imported: CommandResult;
  let dispatcherKills = 0;
  const ending: (() => unknown)[] = [];

  beforeAll(async () => {
    // Slow enough for an import to have a middle.
    rig = await CrashRig.start({ form: 'services', replicas: 2, env: { RATE_LIMIT_PER_KEY: '2000' } });
    ending.push(() => rig.stop());
    supervisor = new Supervisor(rig.installation.processes);
    ending.push(() => supervisor.release());
    front = await Front.start(rig.installation);
    ending.push(() => front.stop());
    identities = new Identities(rig, { prefix: 'visitor', count: sizes.visitors });
    imports = new CsvImport(rig.installation, front, { folder: rig.folder, buyers: sizes.buyers });
    sources = new SourceLoad(rig, { count: sizes.sources });
    backfill = new Backfill(rig);
    for (const set of [Identities.definitions, Backfill.definitions]) await rig.installation.api('POST', '/api/v1/definitions/apply', set);
    await sources.publish();
    await untilAllKnow();
    await storm().catch((error: unknown) => {
      process.stderr.write(rig.installation.logs());
      throw error;
    });
  }, long ? 3_600_000 : 480_000); // prettier-ignore
  afterAll(async () => {
    // What a start that failed left undone.
    for (const end of ending.toReversed()) await end();
  }, 60_000);

  /** Definitions travel by a topic: nobody may come before they have arrived everywhere. */
  async function untilAllKnow(): Promise<void> {
    await eventually(() => rig.installation.api('GET', '/api/v1/sources/billing/status'));
    const { acknowledged } = await rig.load({ eventsPerSecond: 20, seconds: 0.1, prefix: 'knows', tenthsByKafka: 0 });
    await rig.untilDelivered(acknowledged, 30_000);
  }

  /** Every service dies again and again, while people come by every door. */
  async function storm(): Promise<void> {
    const random = seededRandom(seed);
    const apps = [...new Set(rig.installation.processes.map(({ plan }) => plan.app))];
    const kills = Array.from({ length: rounds }, () => apps.toSorted(() => random() - 0.5)).flat();
    const pauses = kills.map(() => 1_000 + random() * 3_000);
    const seconds = Math.ceil(pauses.reduce((sum, ms) => sum + ms, 0) / 1_000) + 5;
    const everything = Promise.all([
      rig.load({ eventsPerSecond: long ? 300 : 200, seconds, prefix: 'kill', tenthsByKafka: 2 }),
      importThenBackfill(),
      identities.play(seconds - 2, seededRandom(seed + 1)),
      sources.play(seconds - 2),
    ]);
    for (const [index, app] of kills.entries()) {
      await sleep(pauses[index]);
      const victims = rig.installation.of(app);
      const victim = victims[Math.floor(random() * victims.length)];
      if (app === 'dispatcher-push') dispatcherKills += 1;
      if (victim?.running) await victim.kill();
    }
    [signedUp, imported] = await everything;
  }

  async function importThenBackfill(): Promise<CommandResult> {
    const result = await imports.runThroughKills();
    const whole = [...imports.ordersOf().values()].filter((orders) => orders === ordersEach).length;
    // When they are not there then, a test below says so.
    await eventually(async () => expect(await backfill.members('bought-thrice')).toHaveLength(whole), 120_000, 500).catch(() => undefined);
    await backfill.runThroughKills();
    return result;
  }

  it('loses nothing, and repeats only what was in flight, marked and under the same key', async () => {
    const { acknowledged, unacknowledged } = signedUp;
    expect(unacknowledged).toEqual([]);
    await rig.untilDelivered(acknowledged, 90_000);
    const verdict = await rig.judge(acknowledged);
    process.stderr.write(`restarts ${supervisor.restarts}, acknowledged ${acknowledged.length}, lost ${verdict.lost.length}, repeated ${verdict.repeated.length}, ${backfill.midway} of ${sizes.buyers} told before the first kill\n`);
    if (verdict.lost.length > 0) process.stderr.write(rig.installation.logs());
    expect(verdict.lost).toEqual([]);
    expect(verdict.unmarked).toEqual([]);
    expect(verdict.visible).toEqual([]);
    expect(verdict.repeated.length).toBeLessThanOrEqual(dispatcherKills * inFlightPerKill);
    expect(supervisor.restarts).toBeGreaterThanOrEqual(rounds * 7);
  }, 120_000);

  it('makes one of everybody who goes by several ids, with one run for each cart', async () => {
    expect(await identities.apart(60_000)).toEqual([]);
    expect(await identities.strayed(60_000)).toEqual([]);
    const people = [...identities.visitors.map(({ id }) => id), ...identities.strangers.flatMap(({ users }) => users)].toSorted();
    expect(await backfill.members('visited-thrice')).toEqual(people);
    expect(await backfill.members('regulars')).toEqual(people);

    const owners = await identities.owners();
    for (const { users, device } of identities.strangers) expect(users).toContain(owners.get(device.replace('anonymous:', '')));
    await identities.order(owners);
    await Promise.all(['orchestrator', 'segmentation'].map((app) => rig.installation.of(app)[1]).map(async (process) => process?.kill()));
    await rig.untilDelivered([...owners.values()], 60_000);
    const { lost, unmarked, visible } = await rig.judge([...owners.values()]);
    expect({ lost, unmarked, visible }).toEqual({ lost: [], unmarked: [], visible: [] });
  }, 240_000);

  it('imports every row once, and reports every row that it refused', async () => {
    expect([imported.code, JSON.parse(imported.stdout)]).toMatchObject([1, { rows: imports.rows, accepted: imports.rows - imports.bad.length, refused: imports.bad.length }]);
    expect(imports.reported()).toEqual(imports.bad);
    const thrice = [...imports.ordersOf()].flatMap(([buyer, orders]) => (orders === ordersEach ? [buyer] : []));
    expect(await backfill.members('bought-thrice')).toEqual(thrice.toSorted());
  }, 60_000);

  it('takes every record and every webhook of a source once, and sets the bad ones aside', async () => {
    await eventually(async () => {
      for (const segment of ['read-once', 'paid-once']) expect(await backfill.members(segment)).toHaveLength(sizes.sources);
    }, 60_000, 500); // prettier-ignore
    const { items } = await rig.installation.api<{ items: { sourceTopic: string }[] }>('GET', '/api/v1/dead-letters');
    expect(items.map(({ sourceTopic }) => sourceTopic)).toEqual(Array.from({ length: sources.bad }, () => 'source:orders'));
  }, 120_000);

  it('has everybody enter a segment that was changed once, and begins one run for each', async () => {
    const orders = [...imports.ordersOf()];
    const buyers = orders.flatMap(([buyer, count]) => (count >= atLeast.second ? [buyer] : [])).toSorted();
    const swaying = orders.flatMap(([buyer, count]) => (count === atLeast.second ? [buyer] : [])).toSorted();
    await eventually(async () => {
      expect(await backfill.members('buyers')).toEqual(buyers);
      expect(await backfill.members('swaying')).toEqual(swaying);
    }, 60_000, 500); // prettier-ignore
    const entered = (await enteringsTold(rig.kafka)).filter(({ segment }) => segment === 'buyers');
    expect(entered.filter(({ source }) => source !== 'segments')).toEqual([]);
    expect([...new Set(entered.map(({ profileId }) => profileId))].toSorted()).toEqual(buyers);
    // One cause for each of the two changes. Who was told of the first by somebody who died before it was stored may have to be told of the second instead.
    expect(new Set(entered.map(({ position }) => position)).size).toBeLessThanOrEqual(2);
    expect(entered.length - buyers.length).toBeLessThanOrEqual(inHandOfTheClock * 2);
    const runs = (await runsTold(rig.kafka))('thank-buyers');
    expect([...runs].flatMap(([profileId, { started }]) => [...started].map(() => profileId)).toSorted()).toEqual(buyers);
  }, 120_000);

  it('has every membership as history says, and every message accounted for', async () => {
    const all = identities.visitors.length + identities.strangers.length;
    const carts = [...(await runsTold(rig.kafka))('cart').values()];
    expect(carts.reduce((sum, { completed }) => sum + completed.size, 0)).toBe(all);
    expect(await audited()).toMatchObject([0, '', { differences: 0, waiting: 0, overdue: 0 }]);
    expect(await rig.reconciled(signedUp.acknowledged.length + all)).toMatchObject({ difference: 0, failed: 0 });
  }, 240_000);

  /** What the audit of everybody says, once nobody waits for anything any more. */
  const audited = () =>
    eventually(async () => {
      const { code, stdout, stderr } = await tidings(rig.installation, ['audit', 'segments', '--json', '--rate', '20000'], front.url);
      const answer = [code, stderr, JSON.parse(stdout)] as const;
      expect(answer).toMatchObject([0, '', { differences: 0, waiting: 0, overdue: 0 }]);
      return answer;
    }, 90_000, 2_000); // prettier-ignore

  it('erases whoever asks for it, from every store, with all receipts', async () => {
    const random = seededRandom(seed + 2);
    const leavers = new Identities(rig, { prefix: 'leaver', count: sizes.leavers, note: canary });
    await leavers.play(2, random);
    expect([await leavers.apart(60_000), await leavers.strayed(60_000)]).toEqual([[], []]);
    const traces = async () => (await storedText(rig.installation.databaseUrl)).split('\n').filter((row) => row.includes(canary));
    expect(new Set((await traces()).map((row) => row.split('.')[0]))).toEqual(new Set(['segmentation', 'orchestrator']));

    const erasing = leavers.erase(random);
    for (const app of ['segmentation', 'orchestrator', 'dispatcher-push', 'dispatcher-email', 'analytics', 'api'].toSorted(() => random() - 0.5)) {
      await sleep(random() * 500);
      await rig.installation.of(app)[Math.floor(random() * 2)]?.kill();
    }
    const erasures = await erasing;
    await eventually(async () => {
      for (const id of erasures) {
        const { state, stores } = await rig.installation.api<{ state: string; stores: { at: string | null }[] }>('GET', `/api/v1/erasures/${id}`);
        expect([state, stores.filter(({ at }) => at === null)]).toEqual(['done', []]);
      }
    }, 120_000, 1_000); // prettier-ignore
    expect(await traces()).toEqual([]);
    expect(rig.installation.logs()).not.toContain(canary);
    for (const { id, otherIds } of leavers.visitors) for (const each of [id, ...otherIds]) await expect(leavers.idOf(each)).rejects.toThrow('404');
    expect(await audited()).toMatchObject([0, '', { differences: 0 }]);
    expect(await rig.reconciled(signedUp.acknowledged.length)).toMatchObject({ difference: 0, failed: 0 });
  }, 300_000);

  it('loses nothing and repeats nothing when every process is asked to leave, which takes less than 30 seconds', async () => {
    supervisor.release();
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
    // What was in a dispatcher's hands when it was killed before is repeated, and was judged above.
    const those = new Set(acknowledged);
    expect({ lost, repeated: repeated.filter(([first]) => those.has(first?.to ?? '')) }).toEqual({ lost: [], repeated: [] });
  }, 240_000);
});
