import { Module, type DynamicModule } from '@nestjs/common';
import { Publisher } from '@tidings/bus';
import { dispatchSchema, type DispatchConfig } from '@tidings/dispatch';
import { Database } from '@tidings/postgres';
import { Catalog, Pollers } from '@tidings/service';
import { DeliveriesController } from './deliveries.controller.js';
import { EmailDispatcher } from './email.dispatcher.js';
import { SendsHandler } from './sends.handler.js';
import { SuppressionsController } from './suppressions.controller.js';

/** The e-mail dispatcher's tables. */
export const dispatcherEmailSchema = dispatchSchema('dispatcher_email');

/** Sends decided e-mails and tells what became of them. */
@Module({})
export class DispatcherEmailModule {
  /** The module with these settings; the rest comes from the platform around it. */
  static with(config: DispatchConfig): DynamicModule {
    return {
      module: DispatcherEmailModule,
      controllers: [SendsHandler, SuppressionsController, DeliveriesController],
      providers: [
        {
          provide: EmailDispatcher,
          inject: [Database, Publisher, Catalog, Pollers],
          useFactory: (database: Database, publisher: Publisher, catalog: Catalog, pollers: Pollers) =>
            new EmailDispatcher(config, { database, publisher, catalog, pollers }),
        },
      ],
    };
  }
}
