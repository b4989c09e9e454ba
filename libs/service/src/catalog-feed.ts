import { TopicReader, type KafkaSettings, type TopicRecord } from '@tidings/bus';
import { definitions } from '@tidings/contracts';
import { busLog } from './bus-log.js';
import type { Catalog } from './catalog.js';
import { logger } from './log.js';

const log = logger('catalog');

/** Keeps a catalog up to date with the `definitions` topic. */
export interface CatalogFeed {
  /** When it last heard from Kafka; null before it began. */
  readonly lastTickAt: Date | null;
  stop(): Promise<void>;
}

/** Feeds the catalog; resolves when it holds every definition that is published now. Records that are none are left out. */
export async function followDefinitions(
  catalog: Catalog,
  kafka: KafkaSettings,
  onFatal: (error: Error) => void,
): Promise<CatalogFeed> {
  const reader = new TopicReader({ kafka, topic: definitions, log: busLog, onFatal });
  await reader.start((record) => takeOver(catalog, record));
  log.info({ workspaces: catalog.workspaces().length, records: catalog.revision }, 'all definitions are read');
  return reader;
}

/** Puts or forgets what a record says; one that lies under a key which is not its own is left out. */
export function takeOver(
  catalog: Catalog,
  { key, value, offset }: Pick<TopicRecord<typeof definitions.schema>, 'key' | 'value' | 'offset'>,
): void {
  if (key === null) log.warn({ offset }, 'a definition without a key is left out');
  else if (value === null) catalog.remove(key);
  else if (definitions.key(value) !== key)
    log.warn({ offset, key }, 'a definition under a key that is not its own is left out');
  else catalog.put(value);
}
