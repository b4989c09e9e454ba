import { type DynamicModule, Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PositionStore } from '@tidings/bus';
import { connect, type PostgresSettings } from './connect.js';
import { Database } from './database.js';
import { PostgresPositions } from './positions.store.js';

/**
 * Gives an application `DataSource`, `Database` and `PositionStore`, everywhere; the connections close after consumers and
 * HTTP did.
 */
@Global()
@Module({})
export class PostgresModule implements OnApplicationShutdown {
  constructor(private readonly dataSource: DataSource) {}

  /** Connects while the application starts; the start fails with `InfrastructureError` when Postgres cannot be reached. */
  static forRoot(settings: PostgresSettings): DynamicModule {
    return this.with({ provide: DataSource, useFactory: () => connect(settings) });
  }

  /** The same on connections that are open already, as a test has them; they too close with the application. */
  static forDataSource(dataSource: DataSource): DynamicModule {
    return this.with({ provide: DataSource, useValue: dataSource });
  }

  private static with(dataSource: NonNullable<DynamicModule['providers']>[number]): DynamicModule {
    return {
      module: PostgresModule,
      providers: [
        dataSource,
        { provide: Database, useFactory: (source: DataSource) => new Database(source), inject: [DataSource] },
        { provide: PositionStore, useFactory: (database: Database) => new PostgresPositions(database), inject: [Database] },
      ],
      exports: [DataSource, Database, PositionStore],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}
