import { serve } from '@tidings/service';
import { ApiModule, apiSchema } from './api.module.js';
import { apiSettings, readConfig } from './config.js';

const config = readConfig();
await serve({ name: 'api', module: ApiModule.with(apiSettings(config)), schemas: [apiSchema], config });
