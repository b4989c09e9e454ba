import { Module, type DynamicModule } from '@nestjs/common';
import { Backlog } from '@tidings/bus';
import { events, inbound, profileActivity } from '@tidings/contracts';
import { Backlogs, erasedProvider } from '@tidings/service';
import { ActivityHandler } from './activity.handler.js';
import { ErasingStore } from './erasing.store.js';
import { ErasuresHandler } from './erasures.handler.js';
import { ProgressStore } from './progress.store.js';
import { RunsController } from './runs.controller.js';
import { WakePoller } from './wake.poller.js';
import { WorkspaceRules } from './workspace-rules.js';

export { orchestratorSchema } from './orchestrator.schema.js';

/** The way of what people do to the orchestrator: its clock must not overtake what is on it. */
const way = [
  { group: 'ingest', topic: inbound.name, keyed: false },
  { group: 'segmentation', topic: events.name, keyed: true },
  { group: 'orchestrator', topic: profileActivity.name, keyed: true },
];

/** Walks people through journeys, and decides which messages they get. */
@Module({
  controllers: [ActivityHandler, ErasuresHandler, RunsController],
  providers: [
    WorkspaceRules,
    ProgressStore,
    ErasingStore,
    WakePoller,
    { provide: Backlog, useFactory: (backlogs: Backlogs) => backlogs.watch(way), inject: [Backlogs] },
  ],
})
export class OrchestratorModule {
  /** The module with these settings; the rest comes from the platform around it. */
  static with({ MASTER_KEY }: { readonly MASTER_KEY: string }): DynamicModule {
    return { module: OrchestratorModule, providers: [erasedProvider('orchestrator', MASTER_KEY)] };
  }
}
