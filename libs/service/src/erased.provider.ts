import type { FactoryProvider } from '@nestjs/common';
import { Database } from '@tidings/postgres';
import { Catalog } from './catalog.js';
import { ErasedIds } from './erased-ids.store.js';
import { Pollers } from './pollers.js';

const HOUR_MS = 3_600_000;

/** `ErasedIds` of a schema for an app's module, which forgets every hour whom no message can be about any more. */
export const erasedProvider = (schema: string, masterKey: string): FactoryProvider<ErasedIds> => ({
  provide: ErasedIds,
  inject: [Pollers, Database, Catalog],
  useFactory: (pollers: Pollers, database: Database, catalog: Catalog) => {
    const erased = new ErasedIds(schema, masterKey);
    pollers.register(`${schema}.erased`, HOUR_MS, () => erased.forgetOld(database, catalog.workspaces()));
    return erased;
  },
});
