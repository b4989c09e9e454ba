import type { EventLocation, Place } from '@tidings/contracts';
import { latLngToCell } from 'h3-js';

/** Cells of some 0.7 square kilometres, about a kilometre across: a part of a town, and not a house. */
const CELL_RESOLUTION = 8;

/**
 * Where somebody was last after a call said something of it at `at`. Point and names are told apart: each is as the latest
 * call that said any of it has it, and a late call changes nothing that a newer one said. The same object when it is no news.
 */
export function applyPlace(known: Place | null, said: EventLocation | undefined, at: number): Place | null {
  if (said === undefined) return known;
  const point = isNews(known?.point, at) ? pointOf(said, at) : undefined;
  const area = isNews(known?.area, at) ? areaOf(said, at) : undefined;
  return point === undefined && area === undefined
    ? known
    : { ...known, ...(point && { point }), ...(area && { area }) };
}

/** Where somebody was last of whom two places are known; what both say at the same moment is the first's. */
export function laterPlace(a: Place | null, b: Place | null): Place | null {
  if (a === null || b === null) return a ?? b;
  const point = later(a.point, b.point);
  const area = later(a.area, b.area);
  return { ...(point && { point }), ...(area && { area }) };
}

const isNews = (known: { readonly at: string } | undefined, at: number): boolean =>
  known === undefined || at >= Date.parse(known.at);

const later = <T extends { readonly at: string }>(a: T | undefined, b: T | undefined): T | undefined =>
  a === undefined || (b !== undefined && Date.parse(b.at) > Date.parse(a.at)) ? b : a;

function pointOf({ latitude, longitude }: EventLocation, at: number): Place['point'] {
  if (latitude === undefined || longitude === undefined) return undefined;
  return {
    latitude,
    longitude,
    cell: latLngToCell(latitude, longitude, CELL_RESOLUTION),
    at: new Date(at).toISOString(),
  };
}

function areaOf({ country, region, city }: EventLocation, at: number): Place['area'] {
  if ((country ?? region ?? city) === undefined) return undefined;
  return {
    ...(country !== undefined && { country }),
    ...(region !== undefined && { region }),
    ...(city !== undefined && { city }),
    at: new Date(at).toISOString(),
  };
}
