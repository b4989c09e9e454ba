import type { AcceptedEvent, Profile, ProfileActivity, SendRequested } from '@tidings/contracts';
import { instant } from './chance-and-time.js';

/** A track event of a known user in workspace `demo`, received over HTTP just as it happened. */
export const anEvent = (overrides: Partial<AcceptedEvent> = {}): AcceptedEvent => ({
  v: 1,
  workspace: 'demo',
  profileId: 'user-1',
  messageId: 'event-1',
  type: 'track',
  name: 'Product Added',
  userId: 'user-1',
  anonymousId: null,
  properties: {},
  traits: {},
  context: {},
  timestamp: instant(),
  receivedAt: instant(),
  source: 'http',
  ...overrides,
});

/** A profile with an e-mail address and a phone, which agreed to both channels and is in no segment. */
export const aProfile = (overrides: Partial<Profile> = {}): Profile => ({
  id: 'user-1',
  version: 1,
  traits: { email: 'user-1@example.com' },
  devices: [{ id: 'device-1', type: 'android', token: 'token-1', seenAt: instant() }],
  consent: { push: true, email: true },
  timezone: 'UTC',
  locale: 'en',
  segments: [],
  createdAt: instant(),
  ...overrides,
});

/** The activity of `anEvent`; event and profile follow the overridden profile id and workspace unless they are given. */
export function anActivity(overrides: Partial<ProfileActivity> = {}): ProfileActivity {
  const { workspace = 'demo', profileId = 'user-1' } = overrides;
  return {
    v: 1,
    workspace,
    profileId,
    cause: { source: 'events/0', position: 0 },
    event: anEvent({ workspace, profileId, userId: profileId }),
    profile: aProfile({ id: profileId }),
    entered: [],
    left: [],
    withdrawn: [],
    at: instant(),
    ...overrides,
  };
}

/** A triggered push to one device, due now and worth sending for a day. */
export const aSendRequested = (overrides: Partial<SendRequested> = {}): SendRequested => ({
  v: 1,
  workspace: 'demo',
  profileId: 'user-1',
  messageId: '6f2c7a52-8f35-5c1e-9d0a-3b1f6f1d2c01',
  channel: 'push',
  lane: 'triggered',
  endpoints: [{ id: 'device-1', address: 'token-1' }],
  template: { id: 'welcome', version: 1 },
  variables: {},
  journey: { id: 'welcome', version: 1, runId: 'run-1', step: 'push' },
  dueAt: instant(),
  causedAt: instant(),
  expiresAt: instant(86_400_000),
  ...overrides,
});
