import { serve } from '@tidings/service';
import { AnalyticsModule, analyticsSchema } from './analytics.module.js';
import { readConfig } from './config.js';

const config = readConfig();
await serve({
  name: 'analytics',
  module: AnalyticsModule.with(config),
  schemas: [analyticsSchema],
  config,
  inBackground: true,
});
