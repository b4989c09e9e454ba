import type { VersionComparisons } from '@tidings/contracts';

interface Version {
  readonly numbers: readonly number[];
  /** What follows a hyphen; null for a release. */
  readonly stage: string | null;
}

const form = /^v?(\d{1,9}(?:\.\d{1,9}){0,4})(?:-([0-9A-Za-z.-]{1,64}))?(?:\+[0-9A-Za-z.-]{1,64})?$/;

/** A test of a version, number by number: 3.9 comes before 3.10, 4.0.0-beta before 4. What is no version compares with none. */
export function versionTest({ equals, atLeast, lessThan }: VersionComparisons): (text: string | undefined) => boolean {
  const compared = (bound: string | undefined, holds: (order: number) => boolean) => {
    const wanted = bound === undefined ? null : versionOf(bound);
    return (version: Version) => wanted === null || holds(order(version, wanted));
  };
  const tests = [
    compared(equals, (by) => by === 0),
    compared(atLeast, (by) => by >= 0),
    compared(lessThan, (by) => by < 0),
  ];
  return (text) => {
    const version = text === undefined ? null : versionOf(text);
    return version !== null && tests.every((holds) => holds(version));
  };
}

function versionOf(text: string): Version | null {
  const [, numbers, stage = null] = form.exec(text) ?? [];
  return numbers === undefined ? null : { numbers: numbers.split('.').map(Number), stage };
}

function order(a: Version, b: Version): number {
  for (let index = 0; index < Math.max(a.numbers.length, b.numbers.length); index++) {
    const by = (a.numbers[index] ?? 0) - (b.numbers[index] ?? 0);
    if (by !== 0) return by;
  }
  if (a.stage === null || b.stage === null) return Number(a.stage === null) - Number(b.stage === null);
  return stageOrder(a.stage.split('.'), b.stage.split('.'));
}

/** Numbers by their size, and before words; the longer of two that begin alike comes later. */
function stageOrder(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [x, y] = [a[index], b[index]];
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1;
    const by = partOrder(x, y);
    if (by !== 0) return by;
  }
  return 0;
}

function partOrder(x: string, y: string): number {
  const [isX, isY] = [/^\d+$/.test(x), /^\d+$/.test(y)];
  if (isX && isY) return Number(x) - Number(y);
  if (isX !== isY) return isX ? -1 : 1;
  return x === y ? 0 : x < y ? -1 : 1;
}
