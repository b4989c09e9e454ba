import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJournal, type JournalEntry } from '@tidings/testing';
import pg from 'pg';
import { eventually } from './eventually.js';
import { Installation, type InstallationOptions } from './installation.js';
import { KafkaPeer } from './kafka-peer.js';
import { runLoad, type LoadPlan, type LoadResult } from './load.js';
import { SimulatorProcess } from './simulator-process.js';

/** What the ledger says of a send that the provider took twice. */
export interface LedgerRow {
  readonly message_id: string;
  readonly state: string;
  readonly attempt: number;
  readonly prior_ambiguous: boolean;
}

/** What is wrong after a fault: nobody may be missing, and whoever got two must be known to be in doubt and see one. */
export interface Verdict {
  readonly lost: readonly string[];
  readonly repeated: readonly (readonly JournalEntry[])[];
  /** Repeated calls whose ledger row does not say that the first was in doubt. */
  readonly unmarked: readonly string[];
  /** Repeated calls that the recipient's device would show twice. */
  readonly visible: readonly string[];
}

/** An installation whose pushes go to a simulated FCM that journals, with everything that a crash test measures. */
export class CrashRig {
  private readonly database: pg.Pool;

  private constructor(
    readonly installation: Installation,
    private readonly fcm: SimulatorProcess,
    readonly folder: string,
    readonly kafka: KafkaPeer,
  ) {
    this.database = new pg.Pool({ connectionString: installation.databaseUrl, max: 2 });
    // A test may kill the server; whoever asks again gets another connection.
    this.database.on('error', () => undefined);
  }

  static async start(options: InstallationOptions): Promise<CrashRig> {
    const folder = mkdtempSync(join(tmpdir(), 'tidings-crash-'));
    const fcm = await SimulatorProcess.start('fcm', join(folder, 'fcm.journal'), ['--latency-ms', '20']);
    const installation = await Installation.start(options);
    const rig = new CrashRig(installation, fcm, folder, new KafkaPeer(installation.kafkaBrokers, installation.topicPrefix));
    await rig.publish();
    return rig;
  }

  /** Puts load on the installation. */
  load(plan: LoadPlan): Promise<LoadResult> {
    return runLoad(this.installation, this.kafka, plan);
  }

  /** Resolves when every acknowledged profile has its push, or the time is over. */
  async untilDelivered(profiles: readonly string[], timeoutMs: number): Promise<void> {
    const wanted = new Set(profiles);
    await eventually(
      async () => {
        const there = new Set((await this.accepted()).map(({ to }) => to));
        const missing = [...wanted].filter((profile) => !there.has(profile)).length;
        if (missing > 0) throw new Error(`${missing} of ${wanted.size} are still missing`);
      },
      timeoutMs,
      500,
    ).catch(() => undefined);
  }

  /** Compares what was acknowledged with what the provider took. */
  async judge(profiles: readonly string[]): Promise<Verdict> {
    const accepted = await this.accepted();
    const there = new Set(accepted.map(({ to }) => to));
    const repeated = [...Map.groupBy(accepted, ({ messageId }) => messageId).values()].filter((entries) => entries.length > 1);
    const byProfile = [...Map.groupBy(accepted, ({ to }) => to).values()];
    const ledger = new Map((await this.ledger(repeated.map(([first]) => first?.messageId ?? ''))).map((row) => [row.message_id, row]));
    return {
      lost: profiles.filter((profile) => !there.has(profile)),
      repeated,
      unmarked: repeated.flatMap(([first]) => (first && ledger.get(first.messageId)?.prior_ambiguous === true ? [] : [first?.messageId ?? ''])),
      visible: byProfile.filter((entries) => new Set(entries.map(({ sameAs }) => sameAs)).size > 1).map(([first]) => first?.to ?? ''),
    };
  }

  /** The numbers of all messages, once analytics has heard of at least so many that were sent and none is in flight. */
  reconciled(sent: number): Promise<Readonly<Record<string, number>>> {
    return eventually(async () => {
      const sums = await this.installation.api<Record<string, number>>('GET', '/api/v1/analytics/reconciliation');
      const settled = (sums['sent'] ?? 0) >= sent && sums['inFlight'] === 0;
      if (!settled || sums['difference'] !== 0) throw new Error(`not reconciled: ${JSON.stringify(sums)}`);
      return sums;
    }, 60_000);
  }

  /** What the database answers to a superuser. */
  async rows<T extends object>(sql: string, parameters: readonly unknown[] = []): Promise<T[]> {
    const { rows } = await this.database.query<T>(sql, [...parameters]);
    return rows;
  }

  async stop(): Promise<ReturnType<Installation['stop']>> {
    await this.database.end();
    const endings = await this.installation.stop();
    await this.fcm.stop();
    rmSync(this.folder, { recursive: true, force: true });
    return endings;
  }

  private accepted(): Promise<readonly JournalEntry[]> {
    return readJournal(join(this.folder, 'fcm.journal'));
  }

  private async ledger(messageIds: readonly string[]): Promise<LedgerRow[]> {
    return this.rows<LedgerRow>(`select message_id::text, state, attempt, prior_ambiguous from dispatcher_push.ledger where message_id = any($1::uuid[])`, [messageIds]);
  }

  private async publish(): Promise<void> {
    const { url, serviceAccount } = this.fcm.address;
    await this.installation.api('PUT', '/api/v1/providers/fcm', { channel: 'push', kind: 'fcm', settings: { baseUrl: url ?? '' }, credentials: serviceAccount });
    await this.installation.api('POST', '/api/v1/definitions/apply', {
      templates: [{ id: 'hello', push: { title: 'Hello', body: 'Hello {{ profile.id }}' } }],
      journeys: [{ id: 'hello', entry: [{ event: 'Signed Up' }], steps: [{ id: 'push', message: { push: { template: 'hello' } } }] }],
    });
    // The definitions travel by a topic: the load must not begin before they have arrived everywhere.
    await eventually(() => this.installation.api('GET', '/api/v1/definitions/journey/hello'));
    const probe = `probe-${Date.now()}`;
    await eventually(async () => {
      const { acknowledged } = await this.load({ eventsPerSecond: 20, seconds: 0.1, prefix: probe + Math.random(), tenthsByKafka: 0 });
      await new Promise((done) => setTimeout(done, 500));
      const { lost } = await this.judge(acknowledged);
      if (lost.length > 0) throw new Error('the first messages do not leave yet');
    }, 60_000);
  }
}
