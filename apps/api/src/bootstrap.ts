import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { outgoing, Publisher } from '@tidings/bus';
import { definitions, type DefinitionRecord, type KeyDefinition } from '@tidings/contracts';
import { canonical } from '@tidings/definition';
import { Catalog, hashKey, parseKey } from '@tidings/service';
import { API_SETTINGS, type ApiSettings } from './api-settings.js';
import { recordsOf, type Wanted } from './definitions/definition-change.js';
import { DefinitionPublisher } from './definitions/definition-publisher.js';
import { DefinitionsStore } from './definitions/definitions.store.js';

const actor = 'bootstrap';

/**
 * At start: the first workspace and its keys, when the settings name them; and the topic is made to say what the
 * tables say, so that a lost topic, or a crash between publishing and storing, heals by itself.
 */
@Injectable()
export class Bootstrap implements OnApplicationBootstrap {
  constructor(
    private readonly store: DefinitionsStore,
    private readonly definitionPublisher: DefinitionPublisher,
    private readonly publisher: Publisher,
    private readonly catalog: Catalog,
    @Inject(API_SETTINGS) private readonly settings: ApiSettings,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { bootstrap } = this.settings;
    if (bootstrap !== null) await this.firstWorkspace(bootstrap);
    await this.republish(new Set([...this.catalog.workspaces(), ...(bootstrap ? [bootstrap.workspace] : [])]));
  }

  private async firstWorkspace({ workspace, writeKey, secretKey }: NonNullable<ApiSettings['bootstrap']>): Promise<void> {
    const there = await this.store.versions(workspace, 'workspace', workspace);
    const wanted: Wanted[] = there.length > 0 ? [] : [{ kind: 'workspace', id: workspace, body: { id: workspace, consentModel: 'opt-out' } }];
    for (const [name, text] of [['first write key', writeKey], ['first secret key', secretKey]] as const) {
      const key = keyOf(name, text);
      // A key that exists stays as it is: it may have been revoked since.
      if ((await this.store.versions(workspace, 'key', key.id)).length === 0) wanted.push({ kind: 'key', id: key.id, body: key });
    }
    if (wanted.length > 0) await this.definitionPublisher.publish(workspace, wanted, actor);
  }

  private async republish(workspaces: ReadonlySet<string>): Promise<void> {
    const versions = await this.store.everything([...workspaces]);
    const newest = new Map<string, DefinitionRecord>();
    for (const version of versions) {
      for (const record of recordsOf(version.workspace, version, version.publishedAt)) newest.set(definitions.key(record), record);
    }
    const missing = [...newest.values()].filter((record) => {
      const heard = this.catalog.find(record.kind, record.workspace, record.id);
      return heard === undefined || heard.version !== record.version || canonical(heard.body) !== canonical(record.body);
    });
    if (missing.length > 0) await this.publisher.publish(missing.map((record) => outgoing(definitions, record)));
  }
}

function keyOf(name: string, text: string): KeyDefinition {
  const parsed = parseKey(text);
  if (parsed === null) throw new Error(`BOOTSTRAP: the ${name} is no key of ours; its form or its checksum is wrong`);
  const secret = parsed.type === 'secret';
  return {
    id: parsed.keyId,
    type: parsed.type,
    name,
    hash: hashKey(text),
    scopes: secret ? ['ingest', 'read', 'write', 'admin'] : ['ingest'],
    createdAt: new Date().toISOString(),
    revokedAt: null,
  };
}
