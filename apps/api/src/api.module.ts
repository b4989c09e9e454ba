import { Module, type DynamicModule } from '@nestjs/common';
import { API_SETTINGS, type ApiSettings } from './api-settings.js';
import { Bootstrap } from './bootstrap.js';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { DeadLettersHandler } from './dead-letters/dead-letters.handler.js';
import { DeadLettersStore } from './dead-letters/dead-letters.store.js';
import { DefinitionPublisher } from './definitions/definition-publisher.js';
import { DefinitionsController } from './definitions/definitions.controller.js';
import { DefinitionsStore } from './definitions/definitions.store.js';
import { DocumentsController } from './documents/documents.controller.js';
import { ErasuresController } from './erasures/erasures.controller.js';
import { ErasuresHandler } from './erasures/erasures.handler.js';
import { ErasuresPoller } from './erasures/erasures.poller.js';
import { ErasuresStore } from './erasures/erasures.store.js';
import { ErasingStore } from './erasures/erasing.store.js';
import { KeysController } from './keys/keys.controller.js';
import { ProvidersController } from './providers/providers.controller.js';
import { SandboxController } from './sandbox/sandbox.controller.js';
import { SandboxHandler } from './sandbox/sandbox.handler.js';
import { SandboxStore } from './sandbox/sandbox.store.js';

export { apiSchema } from './api.schema.js';
export { apiEnv, apiSettings } from './config.js';

/** Definitions, keys, providers, dead letters, the sandbox and the documents. */
@Module({})
export class ApiModule {
  static with(settings: ApiSettings): DynamicModule {
    return {
      module: ApiModule,
      controllers: [
        DefinitionsController,
        KeysController,
        ProvidersController,
        DeadLettersController,
        DeadLettersHandler,
        SandboxController,
        SandboxHandler,
        DocumentsController,
        ErasuresController,
        ErasuresHandler,
      ],
      providers: [{ provide: API_SETTINGS, useValue: settings }, DefinitionsStore, DefinitionPublisher, DeadLettersStore, SandboxStore, ErasuresStore, ErasingStore, ErasuresPoller, Bootstrap],
    };
  }
}
