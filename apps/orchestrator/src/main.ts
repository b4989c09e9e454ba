import { serve } from '@tidings/service';
import { readConfig } from './config.js';
import { OrchestratorModule, orchestratorSchema } from './orchestrator.module.js';

await serve({ name: 'orchestrator', module: OrchestratorModule, schemas: [orchestratorSchema], config: readConfig() });
