import { Module, type DynamicModule } from '@nestjs/common';
import { AnalyticsModule, analyticsSchema } from '@tidings/analytics';
import { ApiModule, apiSchema, apiSettings } from '@tidings/api';
import { DispatcherEmailModule, dispatcherEmailSchema } from '@tidings/dispatcher-email';
import { DispatcherPushModule, dispatcherPushSchema } from '@tidings/dispatcher-push';
import { IngestModule } from '@tidings/ingest';
import { OrchestratorModule, orchestratorSchema } from '@tidings/orchestrator';
import { SegmentationModule, segmentationSchema } from '@tidings/segmentation';
import type { readConfig } from './config.js';

/** What all services keep in Postgres. */
export const allSchemas = [segmentationSchema, orchestratorSchema, dispatcherPushSchema, dispatcherEmailSchema, analyticsSchema, apiSchema];

/** Every service in one process, for a laptop or a small installation: the same modules, the same topics between them. */
@Module({})
export class StandaloneModule {
  static with(config: ReturnType<typeof readConfig>): DynamicModule {
    return {
      module: StandaloneModule,
      imports: [
        IngestModule.with(config),
        SegmentationModule.with(config),
        OrchestratorModule.with(config),
        DispatcherPushModule.with(config),
        DispatcherEmailModule.with(config),
        AnalyticsModule.with(config),
        ApiModule.with(apiSettings(config)),
      ],
    };
  }
}
