import { Module } from '@nestjs/common';
import { Backlog } from '@tidings/bus';
import { events, inbound } from '@tidings/contracts';
import { Backlogs } from '@tidings/service';
import { Audiences } from './audience.js';
import { AuditController } from './audit.controller.js';
import { AuditPoller } from './audit.poller.js';
import { AuditStore } from './audit.store.js';
import { Auditor } from './auditor.js';
import { BackfillPoller } from './backfill.poller.js';
import { BackfillStore } from './backfill.store.js';
import { ClockPoller } from './clock.poller.js';
import { EventsHandler } from './events.handler.js';
import { Follower } from './follower.js';
import { MembersController } from './members.controller.js';
import { PreviewController } from './preview.controller.js';
import { PreviewStore } from './preview.store.js';
import { Previewer } from './previewer.js';
import { ProfileReading } from './profile-reading.store.js';
import { ProfileStore } from './profile.store.js';
import { ProfilesController } from './profiles.controller.js';
import { SentHandler } from './sent.handler.js';
import { SentStore } from './sent.store.js';
import { SegmentCatalog } from './segment-catalog.js';

export { segmentationSchema } from './segmentation.schema.js';

/** The way of what people do to segmentation: its clock must not overtake what is on it. */
const way = [
  { group: 'ingest', topic: inbound.name, keyed: false },
  { group: 'segmentation', topic: events.name, keyed: true },
];

/** Keeps profiles, and says who is in which segment. */
@Module({
  controllers: [EventsHandler, SentHandler, ProfilesController, AuditController, PreviewController, MembersController],
  providers: [
    SegmentCatalog,
    Follower,
    ProfileStore,
    SentStore,
    ProfileReading,
    BackfillStore,
    AuditStore,
    Auditor,
    PreviewStore,
    Audiences,
    Previewer,
    ClockPoller,
    BackfillPoller,
    AuditPoller,
    { provide: Backlog, useFactory: (backlogs: Backlogs) => backlogs.watch(way), inject: [Backlogs] },
  ],
})
export class SegmentationModule {}
