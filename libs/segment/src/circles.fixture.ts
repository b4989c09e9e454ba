import type { Point } from '@tidings/condition';
import type { Circle } from '@tidings/contracts';
import fc from 'fast-check';

const radians = (degrees: number): number => (degrees * Math.PI) / 180;
const degrees = (angle: number): number => (angle * 180) / Math.PI;
const latitude = fc.oneof(fc.double({ min: -90, max: 90, noNaN: true }), fc.constantFrom(-90, -89.9999, 0, 41.15, 89.5, 90));
const longitude = fc.oneof(fc.double({ min: -180, max: 180, noNaN: true }), fc.constantFrom(-180, -179.9999, 0, 13.4, 179.99, 180));
/** From ten metres to all of the earth, small and large alike. */
const km = fc.oneof(fc.double({ min: -2, max: Math.log10(20_040), noNaN: true }).map((power) => Math.max(0.01, Math.min(20_040, 10 ** power))), fc.constantFrom(0.01, 1, 10_007.5, 20_015, 20_040));

/** Any circle that a condition may have. */
export const circle: fc.Arbitrary<Circle> = fc.record({ latitude, longitude, km });

/** Points at the edge of a circle, on both sides and on it, some as near as rounding lets them be, and some anywhere. */
export const edgeOf = (around: Circle): fc.Arbitrary<Point> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.double({ min: 0, max: 360, noNaN: true }), fc.constantFrom(0, 0.5, 1 - 1e-6, 1 - 1e-9, 1 - 1e-12, 1, 1 + 1e-12, 1 + 1e-9, 1 + 1e-6, 1.01, 1.5)).map(([bearing, part]) => towards(around, bearing, around.km * part)) },
    { weight: 1, arbitrary: fc.record({ latitude, longitude }) },
  ); // prettier-ignore

/** The point so many km away in a direction. */
function towards(from: Point, bearing: number, distance: number): Point {
  const [phi, angle, way] = [radians(from.latitude), distance / 6_371.0088, radians(bearing)];
  const sine = Math.sin(phi) * Math.cos(angle) + Math.cos(phi) * Math.sin(angle) * Math.cos(way);
  const turn = Math.atan2(Math.sin(way) * Math.sin(angle) * Math.cos(phi), Math.cos(angle) - Math.sin(phi) * sine);
  const to = from.longitude + degrees(turn);
  return { latitude: degrees(Math.asin(Math.max(-1, Math.min(1, sine)))), longitude: ((((to + 180) % 360) + 360) % 360) - 180 };
}
