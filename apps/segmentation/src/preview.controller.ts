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
    const published = new Set(this.catalog.of(workspace).all.map(({ id }) => id));
    const unknown = [...mentionsOf(parsed.condition).segments].filter((id) => !published.has(id));
    if (unknown.length > 0) throw refused(unknown.map((id) => ({ place: 'where', message: `there is no segment "${id}"` })));
    return parsed.condition;
  }
}

const refused = (problems: readonly { readonly place: string; readonly message: string }[]): Problem =>
  new Problem(422, 'The condition is not right', `${problems.length} things must be mended`, {
    problems: problems.map((problem) => ({ kind: 'segment', id: 'draft', ...problem })),
  });
