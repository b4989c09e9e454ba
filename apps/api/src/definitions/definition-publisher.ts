import { Injectable } from '@nestjs/common';
import { outgoing, Publisher } from '@tidings/bus';
import { definitions, type DefinitionKind } from '@tidings/contracts';
import { planChanges, recordsOf, type Change, type Wanted } from './definition-change.js';
import { DefinitionsStore, type StoredVersion } from './definitions.store.js';

const publishable: readonly DefinitionKind[] = ['segment', 'computed-trait', 'journey', 'template', 'source', 'provider', 'key', 'workspace'];

/** What publishing did, and when; null when nothing was published. */
export interface Published {
  readonly changes: readonly Change[];
  readonly publishedAt: Date | null;
}

/** The one way a definition changes: a new version in the table, the audit entry, and the record on the topic. */
@Injectable()
export class DefinitionPublisher {
  constructor(
    private readonly store: DefinitionsStore,
    private readonly publisher: Publisher,
  ) {}

  /** Publishes what differs from what is published; with `dryRun` only says what that would be. */
  publish(workspace: string, wanted: readonly Wanted[], actor: string, { dryRun = false } = {}): Promise<Published> {
    return this.store.change(workspace, async (tx) => {
      const changes = planChanges(await this.store.heads(tx, workspace, publishable), wanted);
      const now = new Date();
      const versions = changes
        .filter(({ change }) => change !== 'unchanged')
        .map(({ kind, id, version, body, takenAt }): StoredVersion => ({
          ...{ kind, id, version, body },
          status: 'published',
          publishedAt: now,
          publishedBy: actor,
          takenAt: takenAt === undefined ? null : (takenAt ?? now),
        }));
      if (dryRun || versions.length === 0) return { changes, publishedAt: null };
      await this.write(tx, workspace, versions, 'publish');
      return { changes, publishedAt: now };
    });
  }

  /** Takes a definition out of use: nothing new begins with it. False when there is none. */
  archive(workspace: string, kind: DefinitionKind, id: string, actor: string): Promise<boolean> {
    return this.store.change(workspace, async (tx) => {
      const head = (await this.store.heads(tx, workspace, [kind])).find((candidate) => candidate.id === id);
      if (head === undefined || head.status === 'archived') return false;
      const archived: StoredVersion = { ...head, version: head.version + 1, status: 'archived', publishedAt: new Date(), publishedBy: actor };
      await this.write(tx, workspace, [archived], 'archive');
      return true;
    });
  }

  private async write(
    tx: Parameters<DefinitionsStore['append']>[0],
    workspace: string,
    versions: readonly StoredVersion[],
    action: string,
  ): Promise<void> {
    await this.store.append(tx, workspace, versions);
    const entries = versions.map(({ kind, id, version, publishedBy }) => ({
      actor: publishedBy,
      action,
      subject: `${kind}:${id}`,
      detail: { version },
    }));
    await this.store.audit(tx, workspace, versions[0]?.publishedAt ?? new Date(), entries);
    const records = versions.flatMap((version) => recordsOf(workspace, version, version.publishedAt));
    await this.publisher.publish(records.map((record) => outgoing(definitions, record)));
  }
}
