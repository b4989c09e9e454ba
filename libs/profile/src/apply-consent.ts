import { channels, type Channel } from '@tidings/contracts';
import type { ProfileState } from './profile-state.js';

/** Channels that a profile can have an opinion on; names beyond it are not taken. */
const MAX_CHANNELS = 64;

/** Consent after the person said something at `at`, and the channels that they took it back for. */
export function applyConsent(
  profile: ProfileState,
  said: Readonly<Record<string, boolean>>,
  at: number,
): { profile: ProfileState; withdrawn: readonly Channel[] } {
  const names = Object.keys(said).filter((name) => isNews(profile, name, at));
  if (names.length === 0) return { profile, withdrawn: [] };
  const consent = { ...profile.consent };
  const consentTimes = { ...profile.consentTimes };
  for (const name of names) {
    if (!Object.hasOwn(consent, name) && Object.keys(consent).length >= MAX_CHANNELS) continue;
    consent[name] = said[name] === true;
    consentTimes[name] = at;
  }
  const withdrawn = channels.filter((channel) => isRefused(consent, channel) && !isRefused(profile.consent, channel));
  return { profile: { ...profile, consent, consentTimes }, withdrawn };
}

const isNews = ({ consentTimes }: ProfileState, name: string, at: number): boolean =>
  name !== '__proto__' && (!Object.hasOwn(consentTimes, name) || at >= (consentTimes[name] ?? 0));

const isRefused = (consent: Readonly<Record<string, boolean>>, channel: Channel): boolean =>
  Object.hasOwn(consent, channel) && consent[channel] === false;
