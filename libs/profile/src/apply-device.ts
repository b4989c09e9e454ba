import type { Device, EventDevice } from '@tidings/contracts';

/** The devices of one profile that are remembered; beyond it the one that was not seen for longest is forgotten. */
const MAX_DEVICES = 64;

/**
 * Devices after one was seen at `at`. It keeps what an older call did not say, and a late call changes nothing that a
 * newer one said. A token belongs to one device: the one that was seen last with it.
 */
export function applyDevice(
  devices: readonly Device[],
  seen: EventDevice,
  at: number,
): { devices: readonly Device[]; full: boolean } {
  const known = devices.find(({ id }) => id === seen.id);
  const device = known === undefined ? fresh(seen, at) : seenAgain(known, seen, at);
  const others = devices.filter(({ id }) => id !== seen.id);
  const rival = others.find(({ token }) => token !== null && token === device.token);
  const loser = rival !== undefined && Date.parse(rival.seenAt) > Date.parse(device.seenAt) ? device : rival;
  const place = known === undefined ? devices.length : devices.indexOf(known);
  const all = others.toSpliced(place, 0, device).map((each) => (each === loser ? { ...each, token: null } : each));
  return all.length > MAX_DEVICES ? { devices: withoutOldest(all), full: true } : { devices: all, full: false };
}

const fresh = ({ id, type, token, appVersion }: EventDevice, at: number): Device => ({
  id,
  type: type ?? null,
  token: token ?? null,
  ...(appVersion !== undefined && { appVersion }),
  seenAt: new Date(at).toISOString(),
});

function seenAgain(known: Device, { type, token, appVersion }: EventDevice, at: number): Device {
  const version = appVersion !== undefined && { appVersion };
  if (at < Date.parse(known.seenAt)) return { ...version, ...known, type: known.type ?? type ?? null };
  const seenAt = new Date(at).toISOString();
  return { ...known, ...version, type: type ?? known.type, token: token ?? known.token, seenAt };
}

function withoutOldest(devices: readonly Device[]): readonly Device[] {
  const oldest = devices.reduce((a, b) => (b.seenAt < a.seenAt ? b : a));
  return devices.filter((device) => device !== oldest);
}
