import { Injectable } from '@nestjs/common';
import { parseComputedTrait, parseCondition } from '@tidings/condition';
import type { ComputedTraitDefinition, DefinitionOf, DefinitionRecord } from '@tidings/contracts';
import { compileSegments, type PublishedSegment, type Segments } from '@tidings/segment';
import { Catalog, logger } from '@tidings/service';

const log = logger('segments');

/** By revisions, the keys of the counters that were kept under each. */
export type Counted = ReadonlyMap<string, ReadonlySet<string>>;

/** The segments of each workspace as this process last heard them, compiled once per change. */
@Injectable()
export class SegmentCatalog {
  readonly of: (workspace: string) => Segments;
  private readonly counted = new Map<string, Counted>();

  constructor(private readonly catalog: Catalog) {
    this.of = catalog.derived(segmentsOf);
  }

  workspaces(): readonly string[] {
    return this.catalog.workspaces();
  }

  /** Takes over what was counted under earlier segments of a workspace, in the place of what was known of it. */
  learn(workspace: string, counted: Counted): void {
    this.counted.set(workspace, counted);
  }

  /** The keys of what was counted under these segments of a workspace; undefined when that is not known. */
  countedUnder(workspace: string, revision: string): ReadonlySet<string> | undefined {
    return this.counted.get(workspace)?.get(revision);
  }

  /** The computed traits of a workspace. */
  computedTraits(workspace: string): readonly ComputedTraitDefinition[] {
    return computedTraitsOf(this.catalog, workspace);
  }

  /** The newest version of each segment and computed trait of a workspace, archived or not. */
  records(workspace: string): readonly DefinitionRecord[] {
    return recordsOf(this.catalog, workspace);
  }

  /** Whether a segment of this id was ever published. */
  has(workspace: string, id: string): boolean {
    return this.catalog.find('segment', workspace, id) !== undefined;
  }
}

function segmentsOf(catalog: Catalog, workspace: string): Segments {
  const newest = Math.max(0, ...recordsOf(catalog, workspace).map(({ publishedAt }) => Date.parse(publishedAt)));
  const segments = compileSegments(
    catalog
      .all('segment', workspace)
      .filter(isSound)
      .map(publishedOf),
    newest,
    computedTraitsOf(catalog, workspace),
  );
  for (const cycle of segments.cycles)
    log.error({ workspace, segments: cycle.join(' -> ') }, 'segments are left out: they ask for themselves');
  return segments;
}

const recordsOf = (catalog: Catalog, workspace: string): readonly DefinitionRecord[] =>
  catalog.recordsOf(workspace).filter(({ kind }) => kind === 'segment' || kind === 'computed-trait');

const publishedOf = ({ body, publishedAt, takenAt = publishedAt }: DefinitionOf<'segment'>): PublishedSegment => ({
  id: body.id,
  where: body.where,
  ...(body.snapshot === true && { takenAt: Date.parse(takenAt) }),
});

/** Definitions are checked when they are published; one that got through regardless must not stop all others. */
function isSound({ workspace, body }: DefinitionOf<'segment'>): boolean {
  const parsed = parseCondition(body.where, 'where');
  if (!parsed.ok)
    log.error({ workspace, segment: body.id, problem: parsed.problems[0] }, 'a segment is left out: it is not one');
  return parsed.ok;
}

/** The computed traits of a workspace, without those that got through regardless of the checks. */
const computedTraitsOf = (catalog: Catalog, workspace: string): ComputedTraitDefinition[] =>
  catalog.all('computed-trait', workspace).flatMap(({ body }) => {
    const parsed = parseComputedTrait(body);
    if (parsed.ok) return [parsed.trait];
    log.error({ workspace, trait: body.id, problem: parsed.problems[0] }, 'a computed trait is left out: it is not one');
    return [];
  });
