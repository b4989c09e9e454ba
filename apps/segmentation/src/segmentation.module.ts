import { Module, type DynamicModule } from '@nestjs/common';
import { Backlog } from '@tidings/bus';
import { events, inbound } from '@tidings/contracts';
import { Backlogs, erasedProvider } from '@tidings/service';
import { Audiences } from './audience.js';
import { AuditController } from './audit.controller.js';
import { AuditPoller } from './audit.poller.js';
import { AuditStore } from './audit.store.js';
import { Auditor } from './auditor.js';
import { BackfillController } from './backfill.controller.js';
import { BackfillPoller } from './backfill.poller.js';
import { BackfillStore } from './backfill.store.js';
import { ClockPoller } from './clock.poller.js';
import { ErasingStore } from './erasing.store.js';
import { EventsHandler } from './events.handler.js';
import { Follower } from './follower.js';
import { GroupNewsPoller } from './group-news.poller.js';
import { GroupNewsStore } from './group-news.store.js';
import { GroupReading } from './group-reading.store.js';
import { GroupsController } from './groups.controller.js';
import { MembersController } from './members.controller.js';
import { PreviewController } from './preview.controller.js';
import { PreviewStore } from './preview.store.js';
import { Previewer } from './previewer.js';
import { ProfileChangesController } from './profile-changes.controller.js';
import { ProfileReading } from './profile-reading.store.js';
import { ProfileStore } from './profile.store.js';
import { ProfilesController } from './profiles.controller.js';
import { SentHandler } from './sent.handler.js';
import { SentStore } from './sent.store.js';
import { SegmentCatalog } from './segment-catalog.js';
import { StretchStore } from './stretch.store.js';
import { Traffic } from './traffic.js';

export { segmentationSchema } from './segmentation.schema.js';

/** The way of what people do to segmentation: its clock must not overtake what is on it. */
const way = [
  { group: 'ingest', topic: inbound.name, keyed: false },
  { group: 'segmentation', topic: events.name, keyed: true },
];

/** Keeps profiles, and says who is in which segment. */
@Module({
  controllers: [EventsHandler, SentHandler, ProfilesController, ProfileChangesController, AuditController, PreviewController, BackfillController, MembersController, GroupsController],
  providers: [
    SegmentCatalog,
    Follower,
    ProfileStore,
    SentStore,
    ErasingStore,
    ProfileReading,
    Traffic,
    StretchStore,
    BackfillStore,
    AuditStore,
    Auditor,
    PreviewStore,
    Audiences,
    Previewer,
    ClockPoller,
    BackfillPoller,
    GroupNewsStore,
    GroupNewsPoller,
    GroupReading,
    AuditPoller,
    { provide: Backlog, useFactory: (backlogs: Backlogs) => backlogs.watch(way), inject: [Backlogs] },
  ],
})
export class SegmentationModule {
  /** The module with these settings; the rest comes from the platform around it. */
  static with({ MASTER_KEY }: { readonly MASTER_KEY: string }): DynamicModule {
    return { module: SegmentationModule, providers: [erasedProvider('segmentation', MASTER_KEY)] };
  }
}
