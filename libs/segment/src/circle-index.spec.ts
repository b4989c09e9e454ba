import { describe, expect, it } from '@jest/globals';
import { isWithin, type Point } from '@tidings/condition';
import type { Circle } from '@tidings/contracts';
import fc from 'fast-check';
import { CircleIndex } from './circle-index.js';
import { circle, edgeOf } from './circles.fixture.js';

const indexOf = (circles: readonly Circle[]) => {
  const index = new CircleIndex<number>();
  circles.forEach((each, place) => index.add(each, place));
  return index;
};
const naively = (circles: readonly Circle[], point: Point) =>
  circles.flatMap((each, place) => (isWithin(each, point) ? [place] : []));

const at = (latitude: number, longitude: number): Point => ({ latitude, longitude });
const ofKm = (km: number, latitude: number, longitude: number): Circle => ({ latitude, longitude, km });

describe('an index of circles', () => {
  it.each<[string, Circle, Point, boolean]>([
    ['a point inside', ofKm(1, 41.15, -8.61), at(41.151, -8.61), true],
    ['a point outside', ofKm(1, 41.15, -8.61), at(41.17, -8.61), false],
    ['across the 180th meridian', ofKm(50, -17, 179.9), at(-17, -179.9), true],
    ['by the other name of the 180th meridian', ofKm(0.01, -17, 180), at(-17, -180), true],
    ['across the north pole', ofKm(120, 89.5, 0), at(89.5, 180), true],
    ['the south pole, by any longitude', ofKm(0.01, -90, 12), at(-90, -150), true],
    ['all of the earth', ofKm(20_040, 10, 20), at(-10, -160), true],
    ['all of the earth but the other end', ofKm(19_000, 10, 20), at(-10, -160), false],
    ['where nobody is', ofKm(20_040, 10, 20), at(NaN, 0), false],
  ])('finds %s', (_, around, point, isIn) => {
    expect(indexOf([around]).at(point)).toEqual(isIn ? [0] : []);
  }); // prettier-ignore

  it('finds what a look at each of them finds: for circles of any size, anywhere, and points at their edges', () => {
    const cases = fc.array(circle, { minLength: 1, maxLength: 12 }).chain((circles) =>
      fc.record({ circles: fc.constant(circles), points: fc.array(fc.oneof(...circles.map(edgeOf)), { minLength: 1, maxLength: 12 }) }),
    );
    let [inside, outside] = [0, 0];
    fc.assert(
      fc.property(cases, ({ circles, points }) => {
        const index = indexOf(circles);
        for (const point of points) {
          const expected = naively(circles, point);
          expect(index.at(point).toSorted((a, b) => a - b)).toEqual(expected);
          inside += expected.length;
          outside += circles.length - expected.length;
        }
      }),
      { numRuns: 2_000 },
    );
    // Points at edges are worth something only if they lie on both sides.
    expect(Math.min(inside, outside)).toBeGreaterThan(5_000);
  });

  it('looks at those that are near only', () => {
    const index = new CircleIndex<number>();
    const asked = new Set<number>();
    for (let place = 0; place < 1_000; place++) {
      const circleAt = ofKm(1, (place % 30) * 2 - 30, Math.floor(place / 30) * 5 - 90);
      index.add({ get latitude() { asked.add(place); return circleAt.latitude; }, longitude: circleAt.longitude, km: circleAt.km }, place); // prettier-ignore
    }
    asked.clear();
    expect(index.at(at(-30, -90))).toEqual([0]);
    expect([...asked]).toEqual([0]);
  });
});
