import type { Channel, DefinitionOf, ProviderKind } from '@tidings/contracts';
import { logger, open, type Catalog } from '@tidings/service';
import { Gate } from './gate.js';
import type { Adapter, Provider } from './provider.js';
import type { Route } from './route.js';

/** A provider account in use, with the gate before it. */
export interface Account<Content> {
  readonly provider: Provider<Content>;
  readonly gate: Gate;
  /** From the account's settings: where it is doubtful whether the provider has a message, it is not called again. */
  readonly atMostOnce: boolean;
}

/** What accounts are made with. */
export interface AccountSources<Content> {
  readonly channel: Channel;
  readonly catalog: Pick<Catalog, 'all'>;
  readonly masterKey: string;
  readonly adapters: Readonly<Partial<Record<ProviderKind, Adapter<Content>>>>;
  /** For workspaces that have no provider for the channel. */
  readonly sandbox: () => Provider<Content>;
  /** Calls at a time per account and lane. */
  readonly concurrency: number;
}

type ProviderRecord = DefinitionOf<'provider'>;

const log = logger('dispatch');

interface Kept<Content> {
  readonly record: ProviderRecord | null;
  readonly account: Account<Content>;
}

/** The accounts that each workspace sends with now: each made once, and again after its definition changed. */
export class Accounts<Content> {
  private readonly kept = new Map<string, readonly Kept<Content>[]>();

  constructor(private readonly sources: AccountSources<Content>) {}

  /** The accounts of a workspace in the order of their priority, then of their ids; the sandbox where there is none. */
  of(workspace: string): Route<Content> {
    const records = this.recordsOf(workspace);
    const kept = this.kept.get(workspace) ?? [];
    if (kept.length !== records.length || kept.some(({ record }, at) => record !== records[at])) return this.renew(workspace, records, kept);
    return routeOf(kept);
  }

  /** Every account in use. */
  all(): readonly Account<Content>[] {
    return [...this.kept.values()].flatMap((kept) => kept.map(({ account }) => account));
  }

  /** Lets go of all connections. */
  async close(): Promise<void> {
    await Promise.all(this.all().map(({ provider }) => provider.close()));
  }

  private renew(workspace: string, records: readonly (ProviderRecord | null)[], before: readonly Kept<Content>[]): Route<Content> {
    const now = records.map((record) => before.find((one) => one.record === record) ?? { record, account: this.make(record) });
    this.kept.set(workspace, now);
    // Calls in hand go through the old ones; those close when they are answered.
    for (const one of before) if (!now.includes(one)) void one.account.provider.close();
    return routeOf(now);
  }

  private recordsOf(workspace: string): readonly (ProviderRecord | null)[] {
    const { catalog, channel } = this.sources;
    const records = catalog.all('provider', workspace).filter(({ body }) => body.channel === channel);
    return records.length === 0 ? [null] : records.toSorted(byPriority);
  }

  private make(record: ProviderRecord | null): Account<Content> {
    const gate = new Gate(this.sources.concurrency);
    if (record === null || record.body.kind === 'sandbox') return { provider: this.sources.sandbox(), gate, atMostOnce: false };
    return { provider: this.adapter(record), gate, atMostOnce: record.body.settings['atMostOnce'] === true };
  }

  private adapter({ workspace, id, body }: ProviderRecord): Provider<Content> {
    const { adapters, masterKey } = this.sources;
    try {
      const make = adapters[body.kind];
      if (!make) throw new Error(`a provider of kind ${body.kind} does not send on ${body.channel}`);
      return make({ workspace, id, settings: body.settings, credentials: credentials(masterKey, `provider:${workspace}:${id}`, body.sealed) });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      log.error({ workspace, provider: id, reason: detail }, 'a provider account cannot be used');
      return broken(body.kind, detail);
    }
  }
}

const byPriority = (a: ProviderRecord, b: ProviderRecord): number => (a.body.priority ?? 0) - (b.body.priority ?? 0) || (a.id < b.id ? -1 : 1);

function routeOf<Content>([first, ...others]: readonly Kept<Content>[]): Route<Content> {
  if (first === undefined) throw new Error('a workspace always has an account, if only the sandbox');
  return [first.account, ...others.map(({ account }) => account)];
}

function credentials(masterKey: string, context: string, sealed: string | null): unknown {
  if (sealed === null) return null;
  const opened = open(masterKey, context, sealed);
  if (opened === null) throw new Error('its credentials were sealed with another MASTER_KEY');
  return JSON.parse(opened);
}

/** Stands for an account that cannot be used: its messages wait until somebody mends it. */
function broken<Content>(name: string, detail: string): Provider<Content> {
  return {
    name,
    idempotent: true,
    groupSize: 1,
    send: (requests) => Promise.resolve(requests.map(() => ({ kind: 'misconfigured', detail, scope: 'provider' }))),
    close: () => Promise.resolve(),
  };
}
