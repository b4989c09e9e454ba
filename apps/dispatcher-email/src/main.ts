import { serve } from '@tidings/service';
import { readConfig } from './config.js';
import { DispatcherEmailModule, dispatcherEmailSchema } from './dispatcher-email.module.js';

const config = readConfig();
await serve({ name: 'dispatcher-email', module: DispatcherEmailModule.with(config), schemas: [dispatcherEmailSchema], config });
