import { Module, type DynamicModule } from '@nestjs/common';
import { AckGate } from './ack-gate.js';
import { RunsController } from './api/runs.controller.js';
import { SegmentDoor } from './http/segment-door.js';
import { SegmentRoutes } from './http/segment.routes.js';
import { IngestSettings, type IngestConfig } from './ingest.settings.js';
import { InboundHandler } from './kafka/inbound.handler.js';
import { HookRoutes } from './provider/hook.routes.js';
import { SendGridDoor } from './provider/sendgrid-door.js';
import { RateLimits } from './rate-limits.js';
import { RecipientDoor } from './recipient/recipient-door.js';
import { RecipientRoutes } from './recipient/recipient.routes.js';

export { ingestEnv, type IngestConfig } from './ingest.settings.js';

/** Everything that comes in: events over HTTP and Kafka, providers' webhooks, what recipients do with messages. */
@Module({})
export class IngestModule {
  /** The module with these settings; `Catalog` and `Publisher` come from the platform around it. */
  static with(config: IngestConfig): DynamicModule {
    return {
      module: IngestModule,
      controllers: [InboundHandler, RunsController],
      providers: [
        { provide: IngestSettings, useValue: { config } satisfies IngestSettings },
        AckGate,
        RateLimits,
        SegmentDoor,
        SegmentRoutes,
        RecipientDoor,
        RecipientRoutes,
        SendGridDoor,
        HookRoutes,
      ],
    };
  }
}
