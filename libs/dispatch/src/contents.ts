import type { DefinitionOf, SendRequested } from '@tidings/contracts';
import { DefinitionUnknown, type Catalog } from '@tidings/service';
import { compileTemplate, type CompiledTemplate, type Rendered } from '@tidings/template';
import type { Send } from './attempt.js';

/** Fills a compiled template for one send; null when the template has nothing for the channel. */
export type FillContent<Content> = (template: CompiledTemplate, send: Send) => Rendered<Content> | null;

type TemplateRecord = DefinitionOf<'template'>;

/** A template that took longer than this to fail has gone into its limits, and is not tried again for a minute. */
const bombMs = 50;
const restMs = 60_000;

interface Kept {
  readonly compiled: CompiledTemplate | null;
  failsUntil: number;
}

/** Compiled templates, each version once, and what they make of a send. */
export class Contents<Content> {
  private readonly kept = new WeakMap<TemplateRecord, Kept>();

  constructor(
    private readonly catalog: Pick<Catalog, 'find'>,
    private readonly fill: FillContent<Content>,
  ) {}

  /** Throws `DefinitionUnknown` when this process has not heard of the message's template yet. */
  require(request: SendRequested): void {
    this.recordOf(request);
  }

  /** What the recipient will read, or why there is nothing; never throws for what a template does. */
  render(send: Send): Rendered<Content> {
    const kept = this.keptOf(this.recordOf(send.request));
    const began = performance.now();
    if (kept.compiled === null || kept.failsUntil > began) return { kind: 'render-failed', detail: 'the template cannot be rendered' };
    const rendered = this.fill(kept.compiled, send) ?? { kind: 'render-failed', detail: `the template has nothing for ${send.request.channel}` };
    if (rendered.kind === 'render-failed' && performance.now() - began > bombMs) kept.failsUntil = performance.now() + restMs;
    return rendered;
  }

  private recordOf({ workspace, template }: SendRequested): TemplateRecord {
    const record = this.catalog.find('template', workspace, template.id, template.version);
    if (record === undefined) throw new DefinitionUnknown('template', workspace, template.id, template.version);
    return record;
  }

  private keptOf(record: TemplateRecord): Kept {
    let kept = this.kept.get(record);
    if (kept === undefined) {
      const compilation = compileTemplate(record.body);
      kept = { compiled: compilation.ok ? compilation.template : null, failsUntil: 0 };
      this.kept.set(record, kept);
    }
    return kept;
  }
}
