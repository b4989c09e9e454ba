import { chordOf, isWithin, onSphere, type Point } from '@tidings/condition';
import type { Circle } from '@tidings/contracts';

/** Cells of 2^-16 radii of the earth are some 100 m across; finer ones would not be told apart by one whole number. */
const FINEST = 16;
/** Some 6 mm: thousands of times what rounding can make of a distance. */
const MARGIN = 1e-9;

interface Entry<T> {
  readonly circle: Circle;
  readonly value: T;
}

/** Cubes of one size around the earth, and the circles that reach into each. */
interface Level<T> {
  /** So many of them make a radius of the earth. */
  readonly perRadius: number;
  readonly cells: Map<number, Entry<T>[]>;
}

/**
 * Circles by where they are, at the cost of those that are near. Cells are cubes in space and not on a map, so that nothing is
 * different at the poles and at the 180th meridian; those of a circle are at least as large as it is, so all but the hugest are in eight
 * at most.
 */
export class CircleIndex<T> {
  private readonly levels = new Map<number, Level<T>>();

  /** Puts something where a circle is. */
  add(circle: Circle, value: T): void {
    const reach = chordOf(circle.km) + MARGIN;
    const { perRadius, cells } = this.levelOf(reach);
    const [xs, ys, zs] = onSphere(circle).map((middle) => reachedFrom(middle, reach, perRadius));
    for (const x of xs ?? []) {
      for (const y of ys ?? []) {
        for (const z of zs ?? []) append(cells, cellOf(perRadius, x, y, z), { circle, value });
      }
    }
  }

  /** What belongs to the circles that a point is in, exactly as `isWithin` answers, in no order. */
  at(point: Point): T[] {
    const found: T[] = [];
    if (this.levels.size === 0) return found;
    const [x, y, z] = onSphere(point);
    for (const { perRadius, cells } of this.levels.values()) {
      const near = cells.get(cellOf(perRadius, Math.floor(x * perRadius), Math.floor(y * perRadius), Math.floor(z * perRadius)));
      for (const { circle, value } of near ?? []) if (isWithin(circle, point)) found.push(value);
    }
    return found;
  }

  private levelOf(reach: number): Level<T> {
    const perRadius = 2 ** Math.max(0, Math.min(FINEST, Math.floor(-Math.log2(2 * reach))));
    const level = this.levels.get(perRadius) ?? { perRadius, cells: new Map<number, Entry<T>[]>() };
    this.levels.set(perRadius, level);
    return level;
  }
}

/** The cells along one axis that something reaches into; there is nothing beyond the earth. */
function reachedFrom(middle: number, reach: number, perRadius: number): number[] {
  const first = Math.max(-perRadius, Math.floor((middle - reach) * perRadius));
  const last = Math.min(perRadius, Math.floor((middle + reach) * perRadius));
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

const cellOf = (perRadius: number, x: number, y: number, z: number): number => {
  const across = 2 * perRadius + 1;
  return ((x + perRadius) * across + (y + perRadius)) * across + (z + perRadius);
};

function append<T>(cells: Map<number, Entry<T>[]>, cell: number, entry: Entry<T>): void {
  const entries = cells.get(cell);
  if (entries === undefined) cells.set(cell, [entry]);
  else entries.push(entry);
}
