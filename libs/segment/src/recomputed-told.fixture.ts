import { valueAt } from '@tidings/condition';
import { durationMs, type ComputedTraitDefinition, type ComputedValue } from '@tidings/contracts';
import type { Occurrence } from './index.js';
import { inWindow, withTheirStep } from './recomputed-window.fixture.js';

type Valued = Occurrence & { readonly value: ComputedValue };

/** The value that was told first, last or most often; undefined where there is none, null where the trait asks for none of these. */
export function recomputedTold(
  trait: ComputedTraitDefinition,
  all: readonly Occurrence[],
  now: number,
): ComputedValue | undefined | null {
  const { first, last, mostFrequent, withinLast } = trait;
  const property = first ?? last ?? mostFrequent;
  if (property === undefined) return null;
  const read = valueAt(property);
  const valued = all.flatMap((each) => valuedOf(each, read(each.properties))).toSorted(inOrder);
  const windowMs = withinLast === undefined ? null : durationMs(withinLast);
  if (first !== undefined) return (withTheirStep(valued, windowMs, now)[0] as Valued | undefined)?.value;
  return last === undefined ? mostFrequentOf(valued, windowMs, now) : (inWindow(valued, windowMs, now).at(-1) as Valued | undefined)?.value;
}

function mostFrequentOf(valued: readonly Valued[], windowMs: number | null, now: number): ComputedValue | undefined {
  const alike = [...Map.groupBy(valued, ({ value }) => value).values()];
  const counted = alike.map((each) => withTheirStep(each, windowMs, now) as readonly Valued[]);
  return counted.toSorted((a, b) => a.length - b.length || inOrder(a.at(-1), b.at(-1))).at(-1)?.at(-1)?.value;
}

function valuedOf(each: Occurrence, value: unknown): Valued[] {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [{ ...each, value }] : [];
}

const kinds = ['boolean', 'number', 'string'];

function inOrder(a: Valued | undefined, b: Valued | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  if (a.at !== b.at) return a.at - b.at;
  const byKind = kinds.indexOf(typeof a.value) - kinds.indexOf(typeof b.value);
  if (byKind !== 0 || a.value === b.value) return byKind;
  return a.value > b.value ? 1 : -1;
}
