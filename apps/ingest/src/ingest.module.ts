import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { CustomerTopics, Publisher } from '@tidings/bus';
import { busLog, kafkaSettings } from '@tidings/service';
import { AckGate } from './ack-gate.js';
import { GroupMembersController } from './api/group-members.controller.js';
import { RunsController } from './api/runs.controller.js';
import { SegmentDoor } from './http/segment-door.js';
import { SegmentRoutes } from './http/segment.routes.js';
import { IngestSettings, type IngestConfig } from './ingest.settings.js';
import { ImportDoor } from './import/import-door.js';
import { ImportRoutes } from './import/import.routes.js';
import { InboundHandler } from './kafka/inbound.handler.js';
import { Lists } from './list/lists.js';
import { ListsController } from './list/lists.controller.js';
import { HookRoutes } from './provider/hook.routes.js';
import { SendGridDoor } from './provider/sendgrid-door.js';
import { RateLimits } from './rate-limits.js';
import { RecipientDoor } from './recipient/recipient-door.js';
import { RecipientRoutes } from './recipient/recipient.routes.js';
import { RedrivenRecords } from './source/redriven-records.js';
import { SourceIntake } from './source/source-intake.js';
import { SourceRunner } from './source/source-runner.js';
import { SourceClocks, SourceKafka } from './source/source-surroundings.js';
import { SourcesController } from './source/sources.controller.js';
import { Sources } from './source/sources.js';
import { TopicRules } from './source/topic-rules.js';
import { WebhookDoor } from './source/webhook-door.js';
import { WebhookRoutes } from './source/webhook.routes.js';

export { ingestEnv, type IngestConfig } from './ingest.settings.js';

/** Everything that comes in: events over HTTP and Kafka, sources, imports, providers' webhooks, what recipients do with messages. */
@Module({})
export class IngestModule {
  /** The module with these settings; `Catalog` and `Publisher` come from the platform around it. */
  static with(config: IngestConfig): DynamicModule {
    return {
      module: IngestModule,
      controllers: [InboundHandler, RunsController, ListsController, GroupMembersController, SourcesController],
      providers: [
        { provide: IngestSettings, useValue: { config } satisfies IngestSettings },
        AckGate,
        Lists,
        RateLimits,
        SegmentDoor,
        SegmentRoutes,
        RecipientDoor,
        RecipientRoutes,
        SendGridDoor,
        HookRoutes,
        ...sourceProviders(config),
        ImportDoor,
        ImportRoutes,
      ],
    };
  }
}

const sourceProviders = (config: IngestConfig): Provider[] => [
  {
    provide: CustomerTopics,
    inject: [Publisher],
    useFactory: (publisher: Publisher) => new CustomerTopics({ kafka: kafkaSettings(config, 'ingest'), publisher, log: busLog }),
  },
  Sources,
  SourceIntake,
  SourceKafka,
  SourceClocks,
  SourceRunner,
  TopicRules,
  RedrivenRecords,
  WebhookDoor,
  WebhookRoutes,
];
