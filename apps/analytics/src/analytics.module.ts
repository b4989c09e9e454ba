import { Module, type DynamicModule } from '@nestjs/common';
import { erasedProvider } from '@tidings/service';
import { ErasingStore } from './erasing/erasing.store.js';
import { ErasuresHandler } from './erasing/erasures.handler.js';
import { ConversionStore } from './goals/conversion.store.js';
import { IdentitiesStore } from './identities.store.js';
import { MessagesStore } from './messages/messages.store.js';
import { OutcomesHandler } from './outcomes.handler.js';
import { AnalyticsController } from './reports/analytics.controller.js';
import { DecisionsController } from './reports/decisions.controller.js';
import { ReportsStore } from './reports/reports.store.js';
import { TimelineController } from './timeline/timeline.controller.js';
import { TimelineStore } from './timeline/timeline.store.js';

export { analyticsSchema } from './analytics.schema.js';

/** What became of every message, as facts for analysts and as numbers and reasons for the API. */
@Module({
  controllers: [OutcomesHandler, ErasuresHandler, DecisionsController, AnalyticsController, TimelineController],
  providers: [ErasingStore, MessagesStore, ConversionStore, IdentitiesStore, ReportsStore, TimelineStore],
})
export class AnalyticsModule {
  /** The module with these settings; the rest comes from the platform around it. */
  static with({ MASTER_KEY }: { readonly MASTER_KEY: string }): DynamicModule {
    return { module: AnalyticsModule, providers: [erasedProvider('analytics', MASTER_KEY)] };
  }
}
