import type { Circle } from '@tidings/contracts';

/** A place on earth, in degrees. */
export interface Point {
  readonly latitude: number;
  readonly longitude: number;
}

/** The mean radius of the earth. */
const RADIUS_KM = 6_371.0088;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** How far apart two points are along the surface, in km, also across a pole or the 180th meridian; a ball is what the earth is taken for, which is right to 0.5 %. */
export function kmBetween(a: Point, b: Point): number {
  const byLatitude = Math.sin(radians(b.latitude - a.latitude) / 2) ** 2;
  const byLongitude = Math.sin(radians(b.longitude - a.longitude) / 2) ** 2;
  const part = byLatitude + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * byLongitude;
  // Rounding may take it past 1 for points on opposite sides, of which there is no arc sine.
  return 2 * RADIUS_KM * Math.asin(Math.sqrt(Math.min(1, part)));
}

/** Where a point is from the earth's middle, in radii of the earth; near places are near here too, at the poles and the 180th meridian as well. */
export function onSphere({ latitude, longitude }: Point): readonly [x: number, y: number, z: number] {
  const [phi, lambda] = [radians(latitude), radians(longitude)];
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
}

/** How far apart two points are in a straight line, in radii of the earth, that are so many km apart along the surface; no more than opposite ones. */
export const chordOf = (km: number): number => 2 * Math.sin(Math.min(km / (2 * RADIUS_KM), Math.PI / 2));

/** Whether a point is in the circle; its edge is in. */
export const isWithin = (circle: Circle, point: Point): boolean => kmBetween(circle, point) <= circle.km;
