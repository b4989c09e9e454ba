import { serve } from '@tidings/service';
import { readConfig } from './config.js';
import { DispatcherPushModule, dispatcherPushSchema } from './dispatcher-push.module.js';

const config = readConfig();
await serve({ name: 'dispatcher-push', module: DispatcherPushModule.with(config), schemas: [dispatcherPushSchema], config });
