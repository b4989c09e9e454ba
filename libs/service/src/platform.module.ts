import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { Publisher } from '@tidings/bus';
import { PostgresModule } from '@tidings/postgres';
import type { DataSource } from 'typeorm';
import { Backlogs } from './backlogs.js';
import { Catalog } from './catalog.js';
import { Shutdown } from './leaving.js';
import { Pollers } from './pollers.js';

/** What an app can have injected anywhere. */
export interface Platform {
  readonly catalog: Catalog;
  readonly publisher: Publisher;
  readonly pollers: Pollers;
  readonly shutdown: Shutdown;
  readonly backlogs: Backlogs;
  /** Null for a service without tables. */
  readonly dataSource: DataSource | null;
}

/** An app's module with the platform around it: `Catalog`, `Publisher`, `Pollers`, `Backlogs`, `Shutdown` and, with tables, `Database`. */
@Module({})
export class PlatformModule {
  /** Wires a module to a platform that is already connected. */
  static around(
    app: Type | DynamicModule,
    { catalog, publisher, pollers, shutdown, backlogs, dataSource }: Platform,
  ): DynamicModule {
    const given = [
      { provide: Catalog, useValue: catalog },
      { provide: Publisher, useValue: publisher },
      { provide: Pollers, useValue: pollers },
      { provide: Shutdown, useValue: shutdown },
      { provide: Backlogs, useValue: backlogs },
    ];
    const values: DynamicModule = { module: PlatformModule, global: true, providers: given, exports: given };
    return {
      module: AppModule,
      imports: [values, ...(dataSource ? [PostgresModule.forDataSource(dataSource)] : []), app],
    };
  }
}

@Module({})
class AppModule {}
