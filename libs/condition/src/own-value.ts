import type { Values } from '@tidings/contracts';

/** Reads one value out of a bag, or undefined when it is not there. */
export type Read = (values: Values) => unknown;

/**
 * The value at a path such as `cart.id`. A key that is spelled like the whole path comes first; otherwise each dot
 * goes one object deeper, or to an item of a list by its number. Only own properties are ever seen.
 */
export function valueAt(path: string): Read {
  const parts = path.split('.');
  if (parts.length === 1) return (values) => own(values, path);
  return (values) => {
    if (Object.hasOwn(values, path)) return values[path];
    let value: unknown = values;
    for (const part of parts) value = own(value, part);
    return value;
  };
}

function own(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Reflect.get(value, key);
}
