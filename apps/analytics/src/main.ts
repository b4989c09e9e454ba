import { serve } from '@tidings/service';
import { AnalyticsModule, analyticsSchema } from './analytics.module.js';
import { readConfig } from './config.js';

await serve({
  name: 'analytics',
  module: AnalyticsModule,
  schemas: [analyticsSchema],
  config: readConfig(),
  inBackground: true,
});
