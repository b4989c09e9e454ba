import { Module, type DynamicModule } from '@nestjs/common';
import { Publisher } from '@tidings/bus';
import { dispatchSchema, type DispatchConfig } from '@tidings/dispatch';
import { Database } from '@tidings/postgres';
import { Catalog, Pollers } from '@tidings/service';
import { DeliveriesController } from './deliveries.controller.js';
import { PushDispatcher } from './push.dispatcher.js';
import { SendsHandler } from './sends.handler.js';
import { SuppressionsController } from './suppressions.controller.js';

/** The push dispatcher's tables. */
export const dispatcherPushSchema = dispatchSchema('dispatcher_push');

/** Sends decided pushes to devices and tells what became of them. */
@Module({})
export class DispatcherPushModule {
  /** The module with these settings; the rest comes from the platform around it. */
  static with(config: DispatchConfig): DynamicModule {
    return {
      module: DispatcherPushModule,
      controllers: [SendsHandler, SuppressionsController, DeliveriesController],
      providers: [
        {
          provide: PushDispatcher,
          inject: [Database, Publisher, Catalog, Pollers],
          useFactory: (database: Database, publisher: Publisher, catalog: Catalog, pollers: Pollers) =>
            new PushDispatcher(config, { database, publisher, catalog, pollers }),
        },
      ],
    };
  }
}
