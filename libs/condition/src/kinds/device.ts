import type { DeviceCondition } from '@tidings/contracts';
import type { Matches } from '../compile.js';
import { versionTest } from '../version.js';

/** One of the devices is all of it. */
export function device({ device: { platform, appVersion, pushEnabled } }: DeviceCondition): Matches {
  const wanted = platform?.toLowerCase();
  const isVersion = appVersion && versionTest(appVersion);
  return ({ person }) =>
    person.devices.some(
      ({ type, token, appVersion: version }) =>
        (wanted === undefined || type?.toLowerCase() === wanted) &&
        (isVersion === undefined || isVersion(version)) &&
        (pushEnabled === undefined || (token !== null) === pushEnabled),
    );
}
