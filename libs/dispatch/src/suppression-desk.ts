import { shapeCheck, SuppressionReason, type Channel } from '@tidings/contracts';
import type { Database } from '@tidings/postgres';
import { cursorOf, limitOf, pageOf, Problem, type Caller, type Page, type PageQuery } from '@tidings/service';
import Type, { type Static, type TSchema } from 'typebox';
import type { AddressHash } from './address-hash.js';
import type { ListedSuppression, SuppressionChange, SuppressionList, SuppressionRecord } from './suppression-list.store.js';
import type { Suppressions } from './suppressions.store.js';

const closed = { additionalProperties: false } as const;
const address = Type.String({ minLength: 1, maxLength: 4096 });
/** What a person writes of why. It outlives an erasure, so it should name nobody. */
const note = Type.Optional(Type.String({ maxLength: 200 }));

/** An address that somebody asks about. */
const AddressRequest = Type.Object({ address }, closed);
/** An address that somebody wants suppressed; `manual` when no reason is given. */
const SuppressionRequest = Type.Object({ address, reason: Type.Optional(SuppressionReason), note }, closed);
/** Why somebody lifts a suppression. */
const LiftRequest = Type.Object({ note }, closed);

const [readAddress, readSuppression, readLift] = [reader(AddressRequest), reader(SuppressionRequest), reader(LiftRequest)];

/** What the desk works with. */
export interface DeskParts {
  readonly channel: Channel;
  readonly database: Database;
  readonly addressHash: AddressHash;
  readonly suppressions: Suppressions;
  readonly list: SuppressionList;
}

/** What people ask about a channel's suppressed addresses, and have done to them. Addresses go in; only hashes come out. */
export class SuppressionDesk {
  constructor(private readonly parts: DeskParts) {}

  /** A page, in the order of the ids. */
  async page(workspace: string, query: PageQuery): Promise<Page<ListedSuppression>> {
    const limit = limitOf(query);
    const [after = ''] = cursorOf(query, 1) ?? [];
    return pageOf(await this.parts.list.page(workspace, after, limit + 1), limit, ({ id }) => [id], (row) => row);
  }

  /** Suppresses an address, and answers with how it is suppressed; one that was already keeps its reason. */
  async add({ workspace, keyId: actor }: Caller, body: unknown): Promise<ListedSuppression> {
    const asked = readSuppression(body);
    const hashes = this.hashesOf(workspace, asked.address);
    const known = await this.parts.list.find(workspace, hashes);
    if (known !== null) return known;
    const { database, suppressions, list } = this.parts;
    const row = { workspace, hash: hashes[0] ?? '', reason: asked.reason ?? 'manual', at: new Date(), actor, note: asked.note ?? null };
    await database.transact({ workspaces: [workspace] }, (tx) => suppressions.suppress(tx, [row]));
    return found(await list.find(workspace, hashes));
  }

  /** Whether and how an address is suppressed. In a body, because paths are logged on their way. */
  async lookUp(workspace: string, body: unknown): Promise<ListedSuppression> {
    const asked = readAddress(body);
    return found(await this.parts.list.find(workspace, this.hashesOf(workspace, asked.address)));
  }

  /** Everything that is kept of an address, whether it is suppressed, was, or never: for exports. */
  record(workspace: string, body: unknown): Promise<SuppressionRecord> {
    return this.parts.list.record(workspace, this.hashesOf(workspace, readAddress(body).address));
  }

  /** Who suppressed and lifted it, when and why. */
  async history(workspace: string, id: string): Promise<Page<SuppressionChange>> {
    const items = await this.parts.list.changes(workspace, id);
    if (items.length === 0) throw notSuppressed();
    return { items, next: null };
  }

  /** Lets an address be sent to again. */
  async lift({ workspace, keyId: actor }: Caller, id: string, body: unknown): Promise<void> {
    const { note: why } = readLift(body ?? {});
    if (!(await this.parts.list.lift(workspace, id, { actor, note: why ?? null }))) throw notSuppressed();
  }

  private hashesOf(workspace: string, text: string): readonly string[] {
    return this.parts.addressHash.of(this.parts.channel, workspace, text);
  }
}

const notSuppressed = (): Problem => new Problem(404, 'Not found', 'this address is not suppressed');

function found(row: ListedSuppression | null): ListedSuppression {
  if (row === null) throw notSuppressed();
  return row;
}

/** The body as the schema says it is, or a problem that names the place. */
function reader<S extends TSchema>(schema: S): (body: unknown) => Static<S> {
  const problemsOf = shapeCheck(schema);
  return (body) => {
    const [problem] = problemsOf(body);
    if (problem !== undefined) throw new Problem(400, 'Bad request', `${problem.place || 'the body'}: ${problem.message}`);
    return body as Static<S>;
  };
}
