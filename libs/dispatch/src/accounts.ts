import type { Channel, DefinitionOf, ProviderKind } from '@tidings/contracts';
import { logger, open, type Catalog } from '@tidings/service';
import { Gate } from './gate.js';
import type { Adapter, Provider } from './provider.js';

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

/** The account that each workspace sends with now: made once, and again after its definition changed. */
export class Accounts<Content> {
  private readonly made = new Map<string, { readonly record: ProviderRecord | null; readonly account: Account<Content> }>();

  constructor(private readonly sources: AccountSources<Content>) {}

  /** The account of a workspace: its first provider for the channel by id, or the sandbox. */
  of(workspace: string): Account<Content> {
    const record = this.recordOf(workspace);
    const kept = this.made.get(workspace);
    if (kept?.record === record) return kept.account;
    const account = this.make(record);
    this.made.set(workspace, { record, account });
    // Calls in hand go through the old one; it closes when they are answered.
    void kept?.account.provider.close();
    return account;
  }

  /** Every account made so far. */
  all(): readonly Account<Content>[] {
    return [...this.made.values()].map(({ account }) => account);
  }

  /** Lets go of all connections. */
  async close(): Promise<void> {
    await Promise.all(this.all().map(({ provider }) => provider.close()));
  }

  private recordOf(workspace: string): ProviderRecord | null {
    const { catalog, channel } = this.sources;
    const records = catalog.all('provider', workspace).filter(({ body }) => body.channel === channel);
    return records.toSorted((a, b) => (a.id < b.id ? -1 : 1))[0] ?? null;
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
