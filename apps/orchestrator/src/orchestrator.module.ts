import { Module } from '@nestjs/common';
import { ActivityHandler } from './activity.handler.js';
import { ProgressStore } from './progress.store.js';
import { RunsController } from './runs.controller.js';
import { WakePoller } from './wake.poller.js';
import { WorkspaceRules } from './workspace-rules.js';

export { orchestratorSchema } from './orchestrator.schema.js';

/** Walks people through journeys, and decides which messages they get. */
@Module({
  controllers: [ActivityHandler, RunsController],
  providers: [WorkspaceRules, ProgressStore, WakePoller],
})
export class OrchestratorModule {}
