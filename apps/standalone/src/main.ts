import { serve } from '@tidings/service';
import { readConfig } from './config.js';
import { allSchemas, StandaloneModule } from './standalone.module.js';

const config = readConfig();
await serve({ name: 'standalone', module: StandaloneModule.with(config), schemas: allSchemas, config });
