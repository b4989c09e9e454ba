import { shapeCheck, SourceDefinition, type ShapeProblem } from '@tidings/contracts';
import { compileMap, type Mapped, type RecordMap } from './compile-map.js';

/** A record of a source, as its mapping sees it. */
export interface SourceRecord {
  /** What the record says, as JSON; of a CloudEvent its data. The input of the mapping. */
  readonly data: unknown;
  /** The attributes of a CloudEvent, `$cloudEvent` in the mapping; null for any other record. */
  readonly cloudEvent: Readonly<Record<string, string | null>> | null;
  /** `$key`, `$headers` and `$at`: when the record was written, ISO 8601. */
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly at: string;
}

/** A source that was checked, ready to map records. */
export interface CompiledSource {
  /** What a record becomes; a record that no mapping is for is ignored. Never rejects. */
  mapRecord(record: SourceRecord): Promise<Mapped>;
}

const shape = shapeCheck(SourceDefinition);

/** Either a source that maps, or all that is wrong with it: its shape, and each of its expressions. */
export function compileSource(document: unknown): CompiledSource | readonly ShapeProblem[] {
  const problems = shape(document);
  if (problems.length > 0) return problems;
  const source = document as SourceDefinition;
  const { general, byType, faults } = compiledMaps(source);
  const all = [...wholeProblems(source), ...faults];
  if (all.length > 0) return all;
  return {
    mapRecord: async ({ data, cloudEvent, key, headers, at }) => {
      const map = byType.get(cloudEvent?.['type'] ?? '') ?? general;
      return map === null ? { kind: 'ignored' } : map(data, { headers, key, at, cloudEvent });
    },
  };
}

/** What is wrong with a source definition and where; empty when nothing is. */
export function checkSource(document: unknown): readonly ShapeProblem[] {
  const made = compileSource(document);
  return isProblems(made) ? made : [];
}

/** Tells what `compileSource` answered. */
export const isProblems = (made: CompiledSource | readonly ShapeProblem[]): made is readonly ShapeProblem[] => Array.isArray(made);

function wholeProblems({ kafka, webhook, map, byType }: SourceDefinition): ShapeProblem[] {
  const problems: ShapeProblem[] = [];
  if ((kafka === undefined) === (webhook === undefined))
    problems.push({ place: '', message: 'say either kafka or webhook: where the records come from' });
  if (map === undefined && (byType === undefined || Object.keys(byType).length === 0))
    problems.push({ place: 'map', message: 'is missing: say what a record becomes (or, for CloudEvents, byType)' });
  return problems;
}

function compiledMaps({ map, byType = {} }: SourceDefinition) {
  const faults: ShapeProblem[] = [];
  const keep = (made: RecordMap | readonly ShapeProblem[]): RecordMap | null => {
    if (typeof made === 'function') return made;
    faults.push(...made);
    return null;
  };
  const general = map === undefined ? null : keep(compileMap(map, 'map'));
  const kept = Object.entries(byType).map(([type, each]) => [type, keep(compileMap(each, `byType.${type}`))] as const);
  const maps = new Map(kept.flatMap(([type, made]) => (made === null ? [] : [[type, made] as const])));
  return { general, byType: maps, faults };
}
