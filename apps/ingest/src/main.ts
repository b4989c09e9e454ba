import { serve } from '@tidings/service';
import { readConfig } from './config.js';
import { IngestModule } from './ingest.module.js';

const config = readConfig();
await serve({ name: 'ingest', module: IngestModule.with(config), schemas: [], config });
