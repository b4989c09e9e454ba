import { Module } from '@nestjs/common';
import { ActivityHandler } from './activity.handler.js';
import { DeliveryEventsHandler } from './delivery-events.handler.js';
import { ConversionStore } from './goals/conversion.store.js';
import { JourneyActivityHandler } from './journey-activity.handler.js';
import { MessagesStore } from './messages/messages.store.js';
import { AnalyticsController } from './reports/analytics.controller.js';
import { DecisionsController } from './reports/decisions.controller.js';
import { ReportsStore } from './reports/reports.store.js';

export { analyticsSchema } from './analytics.schema.js';

/** What became of every message, as facts for analysts and as numbers and reasons for the API. */
@Module({
  controllers: [ActivityHandler, JourneyActivityHandler, DeliveryEventsHandler, DecisionsController, AnalyticsController],
  providers: [MessagesStore, ConversionStore, ReportsStore],
})
export class AnalyticsModule {}
