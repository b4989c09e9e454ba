import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { DefinitionRecord } from '@tidings/contracts';
import type { DispatchConfig } from '@tidings/dispatch';
import { Catalog, Pollers } from '@tidings/service';
import {
  DispatchWorld, providerRecord, recordingPublisher, startFcmSimulator, templateRecord, testDatabase, testMasterKey, workspaceRecord,
  type FcmSimulator, type RecordingPublisher, type TestDatabase,
} from '@tidings/testing'; // prettier-ignore
import { dispatcherPushSchema } from './dispatcher-push.module.js';
import { PushDispatcher } from './push.dispatcher.js';

const config: DispatchConfig = {
  MASTER_KEY: testMasterKey, PUBLIC_URL: 'https://tidings.example', PROVIDER_CONCURRENCY: 64, MAX_ATTEMPTS: 3, AT_MOST_ONCE_LANES: '', SOFT_BOUNCE_LIMIT: 3, RETRY_POLL_MS: 1_000,
}; // prettier-ignore

/** A push dispatcher with a database, a simulated FCM and a publisher of its own, made anew for each test of a file. */
export class PushFixture {
  db!: TestDatabase;
  fcm!: FcmSimulator;
  publisher!: RecordingPublisher;
  world!: DispatchWorld;
  /** What is published: one workspace, its template `hello` and its account; what is changed here counts for the next `begin`. */
  records: DefinitionRecord[] = [];
  /** The dispatcher that each test begins with. */
  push!: PushDispatcher;
  private readonly begun: PushDispatcher[] = [];

  /** A process of its own: nothing that another held in memory. */
  begin(overrides: Partial<DispatchConfig> = {}, catalog = Catalog.of(this.records)): PushDispatcher {
    const { publisher, db } = this;
    const dispatcher = new PushDispatcher({ ...config, ...overrides }, { database: db.database, publisher, catalog, pollers: new Pollers() });
    this.begun.push(dispatcher);
    return dispatcher;
  }

  /** An account at the simulated FCM. */
  account(workspace = 'demo', credentials: unknown = this.fcm.serviceAccount(), timeoutMs = 10_000): DefinitionRecord {
    return providerRecord({ channel: 'push', kind: 'fcm', settings: { baseUrl: this.fcm.url, timeoutMs }, credentials }, workspace);
  }

  /** Does the triggered lane's retries that are due. */
  retry(dispatcher = this.push): Promise<boolean> {
    return dispatcher.dispatcher.retryDue('triggered', new AbortController().signal);
  }

  /** Makes everything before a test. */
  async set(): Promise<void> {
    this.fcm = await startFcmSimulator();
    this.publisher = recordingPublisher();
    this.world = new DispatchWorld('push', this.db, this.publisher);
    await this.world.clear();
    this.records = [workspaceRecord('demo'), templateRecord('hello', { push: { title: 'Hi {{ profile.name }}', body: 'x' } }), this.account()];
    this.push = this.begin();
  }

  /** Lets go of it after a test. */
  async clear(): Promise<void> {
    const begun = this.begun.splice(0);
    await Promise.all(begun.map((one) => one.dispatcher.settle()));
    await Promise.all(begun.map((one) => one.onApplicationShutdown()));
    await this.fcm.stop();
  }
}

/** The fixture of a file of specs, made before and cleared after each of its tests. */
export function pushFixture(): PushFixture {
  const fixture = new PushFixture();
  beforeAll(async () => {
    fixture.db = await testDatabase([dispatcherPushSchema]);
  });
  afterAll(() => fixture.db.drop());
  beforeEach(() => fixture.set());
  afterEach(() => fixture.clear());
  return fixture;
}
