import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { mentionsOf, parseCondition } from '@tidings/condition';
import type { Condition } from '@tidings/contracts';
import { Problem, RequireScope, Workspace } from '@tidings/service';
import { Previewer, type Preview } from './previewer.js';
import { SegmentCatalog } from './segment-catalog.js';

/** How large a segment would be that is not published yet. */
@Controller('api/v1/segments/preview')
@RequireScope('read')
export class PreviewController {
  constructor(
    private readonly catalog: SegmentCatalog,
    private readonly previewer: Previewer,
  ) {}

  @Post()
  @HttpCode(200)
  preview(@Workspace() workspace: string, @Body() body: unknown): Promise<Preview> {
    return this.previewer.preview(workspace, this.conditionIn(workspace, body));
  }

  private conditionIn(workspace: string, body: unknown): Condition {
    if (typeof body !== 'object' || body === null || !('where' in body)) throw new Problem(400, 'Bad request', 'send { where }');
    const parsed = parseCondition(body.where, 'where');
    if (!parsed.ok) throw refused(parsed.problems);
    const { all, computed: traits } = this.catalog.of(workspace);
    const published = new Set(all.map(({ id }) => id));
    const { segments, computed } = mentionsOf(parsed.condition);
    const unknown = [
      ...[...segments].filter((id) => !published.has(id)).map((id) => `there is no segment "${id}"`),
      ...[...computed].filter((id) => !traits.has(id)).map((id) => `there is no computed trait "${id}"`),
    ];
    if (unknown.length > 0) throw refused(unknown.map((message) => ({ place: 'where', message })));
    return parsed.condition;
  }
}

const refused = (problems: readonly { readonly place: string; readonly message: string }[]): Problem =>
  Problem.ofProblems('The condition is not right', problems.map((problem) => ({ kind: 'segment', id: 'draft', ...problem }))); // prettier-ignore
