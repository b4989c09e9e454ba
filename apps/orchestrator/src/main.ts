import { serve } from '@tidings/service';
import { readConfig } from './config.js';
import { OrchestratorModule, orchestratorSchema } from './orchestrator.module.js';

const config = readConfig();
await serve({ name: 'orchestrator', module: OrchestratorModule.with(config), schemas: [orchestratorSchema], config });
