import type { DeviceCondition } from '@tidings/contracts';
import type { Matches } from '../compile.js';

/** One of the devices is all of it. */
export function device({ device: { platform, pushEnabled } }: DeviceCondition): Matches {
  const wanted = platform?.toLowerCase();
  return ({ person }) =>
    person.devices.some(
      ({ type, token }) =>
        (wanted === undefined || type?.toLowerCase() === wanted) &&
        (pushEnabled === undefined || (token !== null) === pushEnabled),
    );
}
