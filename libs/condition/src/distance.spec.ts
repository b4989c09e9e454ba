import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isWithin, kmBetween, type Point } from './distance.js';

const at = (latitude: number, longitude: number): Point => ({ latitude, longitude });

describe('kmBetween', () => {
  it.each<[string, Point, Point, number]>([
    ['a point and itself', at(52.52, 13.405), at(52.52, 13.405), 0],
    ['a degree of the equator', at(0, 0), at(0, 1), 111.195],
    ['a degree of a meridian', at(40, 7), at(41, 7), 111.195],
    ['Berlin and Paris', at(52.52, 13.405), at(48.8566, 2.3522), 877.46],
    ['a degree across the 180th meridian', at(0, 179.5), at(0, -179.5), 111.195],
    ['the two names of the 180th meridian', at(-17, 180), at(-17, -180), 0],
    ['two sides of the north pole', at(89.5, 0), at(89.5, 180), 111.195],
    ['the south pole by any longitude', at(-90, 12), at(-90, -150), 0],
    ['a pole and the equator', at(90, 0), at(0, 77), 10_007.557],
    ['opposite sides of the earth', at(10, 20), at(-10, -160), 20_015.115],
  ])('%s', (_, a, b, km) => {
    expect(kmBetween(a, b)).toBeCloseTo(km, 1);
  });

  it('is the same both ways, no number but one from 0 to half way round, and no shorter by a detour', () => {
    const point = fc.record({
      latitude: fc.double({ min: -90, max: 90, noNaN: true }),
      longitude: fc.double({ min: -180, max: 180, noNaN: true }),
    });
    fc.assert(
      fc.property(point, point, point, (a, b, c) => {
        const km = kmBetween(a, b);
        expect(km).toBeCloseTo(kmBetween(b, a), 6);
        expect(km).toBeGreaterThanOrEqual(0);
        expect(km).toBeLessThanOrEqual(20_015.2);
        expect(km).toBeLessThanOrEqual(kmBetween(a, c) + kmBetween(c, b) + 1e-3);
      }),
    );
  });
});

it('has the edge of a circle in it', () => {
  const km = kmBetween(at(0, 0), at(0, 1));
  expect(isWithin({ ...at(0, 0), km }, at(0, 1))).toBe(true);
  expect(isWithin({ ...at(0, 0), km: km - 0.001 }, at(0, 1))).toBe(false);
});
