import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { InfrastructureError } from '@tidings/bus';
import { Problem, RequireScope, seal, Workspace } from '@tidings/service';
import { IngestSettings } from '../ingest.settings.js';
import { previewed } from './preview.js';
import { readPreview, type Preview } from './preview-request.js';
import { customerTopic } from './source-reader.js';
import { SourceRunner } from './source-runner.js';
import { secretContext } from './source-secret.js';
import { SourceKafka } from './source-surroundings.js';
import type { RawRecord } from './source-record.js';
import { Sources, type Source } from './sources.js';
import { TopicRules } from './topic-rules.js';

const previewMs = 15_000;

/** How sources are tried before they are published, and how the published ones do. */
@Controller('api/v1/sources')
export class SourcesController {
  constructor(
    private readonly sources: Sources,
    private readonly kafka: SourceKafka,
    private readonly runner: SourceRunner,
    private readonly rules: TopicRules,
    private readonly settings: IngestSettings,
  ) {}

  /** Shows what each record would become. Of records of a topic that a person may read only through a source it is as protected as making one. */
  @Post('preview')
  @HttpCode(200)
  @RequireScope('write')
  async preview(@Workspace() workspace: string, @Body() body: unknown) {
    const now = new Date();
    const preview = readPreview(body, now);
    const records = preview.records?.map((raw, index) => ({ raw, place: String(index) })) ?? (await this.lastOf(preview));
    const items = await Promise.all(records.map(({ raw, place }) => previewed({ ...preview, workspace }, raw, place, now)));
    return { items };
  }

  /** Lag by partition, whichever replica reads; counts and state are this replica's since it began. */
  @Get(':id/status')
  @RequireScope('read')
  async status(@Workspace() workspace: string, @Param('id') id: string) {
    const source = this.sources.find(workspace, id);
    if (source === undefined) throw Problem.ofStatus(404, `There is no source "${id}".`);
    const counts = this.runner.countsOf(source);
    if (source.definition.kafka === undefined) return { id, kind: 'webhook', state: 'reading', reason: null, counts, lag: null, partitions: [] };
    const state = this.runner.stateOf(source);
    return { id, kind: 'kafka', state: state.state, reason: state.state === 'failed' ? state.reason : null, counts, ...(await this.lagOf(source)) };
  }

  /** Seals a webhook's secret for its file: nobody but this installation can open it, and only for this source. */
  @Post(':id/seal')
  @HttpCode(200)
  @RequireScope('write')
  seal(@Workspace() workspace: string, @Param('id') id: string, @Body() body: unknown) {
    const secret: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'secret') : undefined;
    if (typeof secret !== 'string' || secret.length < 16 || secret.length > 1_024)
      throw Problem.ofStatus(400, 'secret must be a text of 16 to 1,024 characters.');
    return { sealed: seal(this.settings.config.MASTER_KEY, secretContext(workspace, id), secret) };
  }

  private async lastOf({ definition, last }: Preview): Promise<readonly { raw: RawRecord; place: string }[]> {
    const topic = definition.kafka?.topic ?? '';
    const fault = this.rules.faultOf(topic);
    if (fault !== null) throw new Problem(422, 'The topic cannot be read', `kafka.topic: ${fault}`);
    const records = await this.kafka.topics.last(topic, last, AbortSignal.timeout(previewMs)).catch(asProblem);
    return records.map(({ value, key, headers, timestamp: at, partition, offset }) => ({ raw: { value, key, headers, at }, place: `${partition}/${offset}` }));
  }

  /** A broker that cannot say takes nothing away from the rest of the status. */
  private async lagOf(source: Source) {
    const topic = customerTopic(source);
    if (topic === null || this.rules.faultOf(topic.topic) !== null) return { lag: null, partitions: [] };
    try {
      const partitions = await this.kafka.topics.lag(topic);
      return { lag: partitions.reduce((sum, { lag }) => sum + lag, 0), partitions };
    } catch (error) {
      if (!(error instanceof InfrastructureError)) throw error;
      return { lag: null, partitions: [], lagError: error.message };
    }
  }
}

function asProblem(error: unknown): never {
  if (error instanceof InfrastructureError) throw new Problem(422, 'The topic cannot be read', error.message);
  throw error;
}
