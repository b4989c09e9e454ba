import { Injectable } from '@nestjs/common';
import type { DefinitionKind } from '@tidings/contracts';
import { Database, rowSet, type Tx } from '@tidings/postgres';
import { v7 } from 'uuid';
import type { Head } from './definition-change.js';

/** A version of a definition, with when and by whom it was published. */
export interface StoredVersion extends Head {
  readonly publishedAt: Date;
  readonly publishedBy: string;
}

/** Somebody did something: for the audit trail. */
export interface AuditEntry {
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

const columns = `kind, id, version, status, body, published_at as "publishedAt", published_by as "publishedBy", taken_at as "takenAt"`;

const versionRows = rowSet({
  workspace: 'text',
  kind: 'text',
  id: 'text',
  version: 'int4',
  status: 'text',
  body: 'jsonb',
  published_at: 'timestamptz',
  published_by: 'text',
  taken_at: 'timestamptz',
});
const auditRows = rowSet({
  workspace: 'text',
  at: 'timestamptz',
  id: 'uuid',
  actor: 'text',
  action: 'text',
  subject: 'text',
  detail: 'jsonb',
});

/** Where definitions and their history live; the topic `definitions` is made from it. */
@Injectable()
export class DefinitionsStore {
  constructor(private readonly database: Database) {}

  /** Runs work that changes definitions of a workspace, one at a time per workspace. */
  change<T>(workspace: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.database.transact({ workspaces: [workspace] }, async (tx) => {
      await tx.query(`select pg_advisory_xact_lock(hashtext('api.definition'), hashtext($1))`, [workspace]);
      return work(tx);
    });
  }

  /** The newest version of each definition of the kinds. */
  heads(tx: Tx, workspace: string, kinds: readonly DefinitionKind[]): Promise<StoredVersion[]> {
    return tx.query<StoredVersion>(
      `select distinct on (kind, id) ${columns} from api.definition
        where workspace = $1 and kind = any($2) order by kind, id, version desc`,
      [workspace, kinds],
    );
  }

  /** Appends versions; one statement for all of them. */
  async append(tx: Tx, workspace: string, versions: readonly StoredVersion[]): Promise<void> {
    if (versions.length === 0) return;
    const rows = versions.map(({ publishedAt, publishedBy, takenAt, ...version }) => ({
      ...version,
      workspace,
      published_at: publishedAt,
      published_by: publishedBy,
      taken_at: takenAt,
    }));
    await tx.query(`insert into api.definition (${versionRows.names}) select r.* from ${versionRows.source()}`, versionRows.parameters(rows));
  }

  /** Notes what somebody did. */
  async audit(tx: Tx, workspace: string, at: Date, entries: readonly AuditEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const rows = entries.map((entry) => ({ workspace, at, id: v7(), ...entry }));
    await tx.query(`insert into api.audit (${auditRows.names}) select r.* from ${auditRows.source()}`, auditRows.parameters(rows));
  }

  /** A page of the newest versions, by kind and id, after the cursor's kind and id. */
  page(workspace: string, kinds: readonly DefinitionKind[], after: readonly string[] | null, limit: number): Promise<StoredVersion[]> {
    return this.database.transact({ workspaces: [workspace] }, (tx) =>
      tx.query<StoredVersion>(
        `select * from (select distinct on (kind, id) ${columns} from api.definition
            where workspace = $1 and kind = any($2) order by kind, id, version desc) d
          where status = 'published' and ($3::text[] is null or (kind, id) > (($3::text[])[1], ($3::text[])[2]))
          order by kind, id limit $4`,
        [workspace, kinds, after, limit],
      ),
    );
  }

  /** The versions of one definition, the newest first. */
  versions(workspace: string, kind: string, id: string): Promise<StoredVersion[]> {
    return this.database.transact({ workspaces: [workspace] }, (tx) =>
      tx.query<StoredVersion>(`select ${columns} from api.definition where workspace = $1 and kind = $2 and id = $3 order by version desc`, [
        workspace,
        kind,
        id,
      ]),
    );
  }

  /** Every version of every definition of these workspaces, the oldest first. */
  everything(workspaces: readonly string[]): Promise<(StoredVersion & { readonly workspace: string })[]> {
    return this.database.transact({ workspaces }, (tx) =>
      tx.query<StoredVersion & { workspace: string }>(`select workspace, ${columns} from api.definition order by workspace, kind, id, version`),
    );
  }
}
