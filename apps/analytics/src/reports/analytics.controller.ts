import { Controller, Get, Param, Query } from '@nestjs/common';
import { Problem, RequireScope, Workspace } from '@tidings/service';
import { ReportsStore, type Count, type Days } from './reports.store.js';
import { summaryOf } from './summary.js';

interface DaysQuery {
  readonly from?: string;
  readonly to?: string;
}

/** How many messages were accepted, sent, delivered, withheld, failed, opened, clicked and converted. */
@Controller('api/v1/analytics')
@RequireScope('read')
export class AnalyticsController {
  constructor(private readonly reports: ReportsStore) {}

  @Get('journeys')
  async journeys(@Workspace() workspace: string, @Query() query: DaysQuery) {
    const counts = await this.reports.counts(workspace, null, daysOf(query));
    const byJourney = [...Map.groupBy(counts, ({ journey }) => journey)];
    return { items: byJourney.map(([journey, of]) => ({ journey, ...summaryOf(of) })), next: null };
  }

  @Get('journeys/:id')
  async journey(@Workspace() workspace: string, @Param('id') id: string, @Query() query: DaysQuery) {
    const counts = await this.reports.counts(workspace, id, daysOf(query));
    const keyOf = ({ step, channel }: Count) => JSON.stringify([step, channel]);
    const steps = [...Map.groupBy(counts, keyOf).values()].map((of) => ({ step: of[0]?.step, channel: of[0]?.channel, ...summaryOf(of) }));
    return { journey: id, ...summaryOf(counts), steps };
  }

  @Get('reconciliation')
  async reconciliation(@Workspace() workspace: string) {
    const counts = await this.reports.reconciliation(workspace);
    const of = (metric: string) => counts.get(metric) ?? 0;
    const [accepted, sent, withheld, failed, inFlight] = [of('accepted'), of('sent'), of('withheld'), of('failed'), of('inFlight')];
    return { accepted, sent, withheld, inFlight, failed, difference: accepted - sent - withheld - inFlight - failed };
  }
}

function daysOf({ from, to }: DaysQuery): Days {
  return { from: dayOf('from', from), to: dayOf('to', to) };
}

function dayOf(name: string, text: string | undefined): string | null {
  if (text === undefined) return null;
  const valid = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
  if (!valid) throw new Problem(400, 'Bad day', `${name} must be a day such as 2026-03-02`);
  return text;
}
