import { Module } from '@nestjs/common';
import { ConversionStore } from './goals/conversion.store.js';
import { IdentitiesStore } from './identities.store.js';
import { MessagesStore } from './messages/messages.store.js';
import { OutcomesHandler } from './outcomes.handler.js';
import { AnalyticsController } from './reports/analytics.controller.js';
import { DecisionsController } from './reports/decisions.controller.js';
import { ReportsStore } from './reports/reports.store.js';

export { analyticsSchema } from './analytics.schema.js';

/** What became of every message, as facts for analysts and as numbers and reasons for the API. */
@Module({
  controllers: [OutcomesHandler, DecisionsController, AnalyticsController],
  providers: [MessagesStore, ConversionStore, IdentitiesStore, ReportsStore],
})
export class AnalyticsModule {}
