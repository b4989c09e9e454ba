import type { Publisher } from '@tidings/bus';
import { lanes, type Channel, type Lane, type ProviderKind } from '@tidings/contracts';
import type { Database } from '@tidings/postgres';
import type { Catalog, Pollers } from '@tidings/service';
import { Accounts } from './accounts.js';
import { AddressHash } from './address-hash.js';
import { Contents, type FillContent } from './contents.js';
import { watchGates } from './dispatch-metrics.js';
import { Dispatcher } from './dispatcher.js';
import { Erasing } from './erasing.store.js';
import { KeptDeliveries } from './kept-deliveries.store.js';
import { Ledger } from './ledger.store.js';
import type { Adapter } from './provider.js';
import { Recalls } from './recalls.store.js';
import { Recorder } from './recorder.js';
import { SandboxProvider } from './sandbox.provider.js';
import { SuppressionDesk } from './suppression-desk.js';
import { SuppressionList } from './suppression-list.store.js';
import { Suppressions } from './suppressions.store.js';

/** What makes a channel's dispatcher that channel's. */
export interface ChannelOptions<Content> {
  readonly channel: Channel;
  /** The Postgres schema of the app. */
  readonly schema: string;
  readonly adapters: Readonly<Partial<Record<ProviderKind, Adapter<Content>>>>;
  readonly fill: FillContent<Content>;
  readonly masterKey: string;
  /** Calls at a time per account and lane. */
  readonly concurrency: number;
  readonly maxAttempts: number;
  readonly atMostOnceLanes: readonly Lane[];
  /** Soft bounces within 30 days that suppress an address. */
  readonly softBounceLimit: number;
  readonly retryPollMs: number;
}

const HOUR_MS = 3_600_000;

/** The parts of the platform that a dispatcher stands on. */
export interface Platform {
  readonly database: Database;
  readonly publisher: Publisher;
  readonly catalog: Catalog;
  readonly pollers: Pollers;
}

/** A dispatcher with the recalls it heeds and the clocks it needs. */
export class ChannelDispatcher<Content extends object> {
  readonly dispatcher: Dispatcher<Content>;
  readonly recalls: Recalls;
  readonly suppressionDesk: SuppressionDesk;
  readonly keptDeliveries: KeptDeliveries;
  readonly erasing: Erasing;
  private readonly accounts: Accounts<Content>;

  constructor(options: ChannelOptions<Content>, { database, publisher, catalog, pollers }: Platform) {
    const { channel, schema, adapters, masterKey, concurrency } = options;
    const ledger = new Ledger(schema);
    const addressHash = new AddressHash(masterKey);
    const suppressions = new Suppressions(schema, channel, database, options.softBounceLimit);
    const recording = { channel, database, publisher, ledger, suppressions, addressHash };
    this.accounts = new Accounts({ channel, catalog, masterKey, adapters, concurrency, sandbox: () => new SandboxProvider<Content>(publisher) });
    this.dispatcher = new Dispatcher({
      ...recording,
      recorder: new Recorder(recording),
      accounts: this.accounts,
      contents: new Contents(catalog, options.fill),
      workspaces: () => catalog.workspaces(),
      maxAttempts: options.maxAttempts,
      atMostOnceLanes: options.atMostOnceLanes,
    });
    this.recalls = new Recalls(schema, channel, database, suppressions);
    this.suppressionDesk = new SuppressionDesk({ channel, database, addressHash, suppressions, list: new SuppressionList(schema, database) });
    this.keptDeliveries = new KeptDeliveries(schema, database);
    this.erasing = new Erasing({ channel, schema, database, publisher });
    watchGates(channel, () => this.accounts.all());
    // One per lane: a bulk of retries does not hold up an urgent one either.
    for (const lane of lanes) pollers.register(`${schema}.retries.${lane}`, options.retryPollMs, (signal) => this.dispatcher.retryDue(lane, signal));
    // A process that leaves waits for its pollers, and so for the answers that no batch waits for.
    pollers.register(`${schema}.late-answers`, options.retryPollMs, () => this.dispatcher.settle());
    pollers.register(`${schema}.erased`, HOUR_MS, () => this.erasing.sweep(catalog.workspaces()));
    pollers.register(`${schema}.old-recalls`, HOUR_MS, () => this.recalls.forgetOld(catalog.workspaces()));
    pollers.register(`${schema}.old-soft-bounces`, HOUR_MS, () => suppressions.forgetOld(catalog.workspaces()));
  }

  /** Lets go of the providers' connections; Nest calls it when consumers and pollers have ended. */
  onApplicationShutdown(): Promise<void> {
    return this.accounts.close();
  }
}
