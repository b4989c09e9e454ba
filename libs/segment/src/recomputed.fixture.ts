import { compile, kmBetween, mentionsOf, propertiesMatcher, type Done, type Person, type Question } from '@tidings/condition';
import type { ComputedTraitDefinition } from '@tidings/contracts';
import type { Occurrence, PublishedSegment } from './index.js';
import { inWindow, withTheirStep } from './recomputed-window.fixture.js';
import { recomputedValue } from './recomputed-value.fixture.js';

/** What the definition of a segment says about a history, worked out the slow way; shares nothing with the stream but the test of a tree. */
export function recomputed(
  defined: readonly PublishedSegment[],
  history: readonly Occurrence[],
  person: Person,
  now: number,
  traits: readonly ComputedTraitDefinition[] = [],
): string[] {
  const byId = new Map(traits.map((trait) => [trait.id, trait]));
  const isIn = (id: string): boolean => {
    const where = defined.find((each) => each.id === id)?.where;
    if (where === undefined) return false;
    const done = slowly(mentionsOf(where).questions, history, now);
    const computed = (traitId: string) => {
      const trait = byId.get(traitId);
      return trait && recomputedValue(trait, history, person, now);
    };
    return compile(where)({ person, now, done, isIn, computed });
  };
  return defined
    .map(({ id }) => id)
    .filter(isIn)
    .toSorted();
}

function slowly(questions: readonly Question[], history: readonly Occurrence[], now: number): Done {
  const asked = (key: string) => questions.find((question) => question.key === key) ?? fail(key);
  const meant = (key: string, windowMs: number | null): readonly Occurrence[] => {
    const question = asked(key);
    if (!('counted' in question)) return fail(key);
    const { heard, name, where, from, until } = question.counted;
    const all = history.filter((each) => {
      const isMeant = each.heard === heard && each.name === name && propertiesMatcher(where)(each.properties);
      const isTold = question.kind !== 'number' || typeof each.properties[question.property] === 'number';
      return isMeant && isTold && each.at >= from && each.at < until;
    });
    return question.kind === 'distinct' ? inWindow(all, windowMs, now) : withTheirStep(all, windowMs, now);
  };
  const values = (key: string, windowMs: number | null) => {
    const question = asked(key);
    return 'property' in question
      ? meant(key, windowMs).map(({ properties }) => properties[question.property])
      : fail(key);
  };
  return {
    count: (key, windowMs) => {
      const question = asked(key);
      if (question.kind === 'listed') return isListed(question.list, history) ? 1 : 0;
      if (question.kind === 'ignored') return ignoredOf(question, history, now);
      return question.kind === 'count'
        ? meant(key, windowMs).length
        : new Set(values(key, windowMs).filter((value) => value !== null && typeof value !== 'object')).size;
    },
    number: (key, windowMs, of) => {
      const numbers = values(key, windowMs).filter((value) => typeof value === 'number');
      // Tenths are whole numbers.
      const sum = numbers.reduce((total, value) => total + Math.round(value * 10), 0) / 10;
      if (numbers.length === 0) return of === 'sum' ? 0 : undefined;
      return { sum, average: sum / numbers.length, minimum: Math.min(...numbers), maximum: Math.max(...numbers) }[of];
    },
    times: (key) => {
      const times = meant(key, null).map(({ at }) => at);
      return times.length === 0 ? undefined : { first: Math.min(...times), last: Math.max(...times) };
    },
    // Asked by computed traits only, which are worked out by themselves.
    streak: fail,
    told: fail,
    frequent: fail,
    firstIn: fail,
    completedAt: (key) => {
      const question = asked(key);
      if (question.kind === 'crossing') return lastCrossing(question, history);
      return question.kind === 'sequence' ? lastEnd(question, history) : fail(key);
    },
  };
}

/** What was said last about a list; of two words at once the one that puts somebody on it. */
function isListed(list: string, history: readonly Occurrence[]): boolean {
  const said = history.filter(({ heard, name }) => heard === 'listed' && name === list);
  const last = Math.max(...said.map(({ at }) => at));
  return said.some(({ at, properties }) => at === last && properties['listed'] === true);
}

/** How many messages were sent so long ago and nobody opened or clicked; what lies too far back is not looked at. */
function ignoredOf(
  { where, afterMs, lastMs }: Extract<Question, { kind: 'ignored' }>,
  history: readonly Occurrence[],
  now: number,
): number {
  const known = history.filter(
    ({ heard, at, properties }) => heard === 'message' && at + lastMs > now && propertiesMatcher(where)(properties),
  );
  const idsOf = (...names: readonly string[]) =>
    new Set(known.filter(({ name }) => names.includes(name)).map(({ properties }) => properties['messageId']));
  const engaged = idsOf('opened', 'clicked');
  return [...idsOf('sent')].filter((id) => {
    const sent = known.filter(({ name, properties }) => name === 'sent' && properties['messageId'] === id);
    return !engaged.has(id) && Math.max(...sent.map(({ at }) => at)) + afterMs <= now;
  }).length;
}

/** Every point is held against the one before it; a crossing lasts to the last point behind the border in the same 30th of the window. */
function lastCrossing(
  { circle, into, lastMs }: Extract<Question, { kind: 'crossing' }>,
  history: readonly Occurrence[],
): number | null {
  const points = history.flatMap(({ heard, at, properties: { latitude, longitude } }) => {
    if (heard !== 'place') return [];
    const km = kmBetween(circle, { latitude: Number(latitude), longitude: Number(longitude) });
    return [{ at, isBehind: km <= circle.km === into }];
  });
  const behind = points.filter(({ isBehind }) => isBehind);
  const crossings = behind.filter(({ at }) => {
    const before = Math.max(...points.filter((point) => point.at < at).map((point) => point.at));
    return points.some((point) => point.at === before && !point.isBehind);
  });
  const slot = (at: number) => Math.floor(at / Math.ceil(lastMs / 30));
  const moments = crossings.map(({ at }) =>
    Math.max(...behind.filter((point) => slot(point.at) === slot(at)).map((point) => point.at)),
  );
  return moments.length === 0 ? null : Math.max(...moments);
}

/** Every way to pick one event for each step is tried. */
function lastEnd(
  { steps, without, withinMs }: Extract<Question, { kind: 'sequence' }>,
  history: readonly Occurrence[],
): number | null {
  const times = ({ performed, where }: (typeof steps)[number]) =>
    history
      .filter(
        ({ heard, name, properties }) =>
          heard === 'performed' && name === performed && propertiesMatcher(where)(properties),
      )
      .map(({ at }) => at);
  const broken = without.flatMap(times);
  let ways = times(steps[0] ?? { performed: '' }).map((at) => ({ first: at, last: at }));
  for (const step of steps.slice(1)) {
    const next = times(step);
    ways = ways.flatMap(({ first, last }) => next.filter((at) => at > last).map((at) => ({ first, last: at })));
    ways = [...new Map(ways.map((way) => [`${way.first} ${way.last}`, way])).values()];
  }
  const whole = ways.filter(
    ({ first, last }) => last - first <= withinMs && !broken.some((at) => at > first && at < last),
  );
  return whole.length === 0 ? null : Math.max(...whole.map(({ last }) => last));
}

const fail = (key: string): never => {
  throw new Error(`nobody asked for ${key}`);
};
