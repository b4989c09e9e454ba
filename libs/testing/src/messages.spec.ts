import { describe, expect, it } from '@jest/globals';
import { Value } from 'typebox/value';
import type { TSchema } from 'typebox';
import { AcceptedEvent, Profile, ProfileActivity, SendRequested } from '@tidings/contracts';
import { seededRandom } from './chance-and-time.js';
import { aProfile, aSendRequested, anActivity, anEvent } from './messages.js';

describe('builders', () => {
  it.each<[string, TSchema, unknown]>([
    ['anEvent', AcceptedEvent, anEvent()],
    ['aProfile', Profile, aProfile()],
    ['anActivity', ProfileActivity, anActivity()],
    ['aSendRequested', SendRequested, aSendRequested()],
  ])('%s makes what its contract accepts', (_name, schema, message) => {
    expect([...Value.Errors(schema, message)]).toEqual([]);
  });

  it('keep event and profile of an activity about the same person', () => {
    const activity = anActivity({ workspace: 'other', profileId: 'user-2' });
    expect(activity.event).toMatchObject({ workspace: 'other', profileId: 'user-2' });
    expect(activity.profile.id).toBe('user-2');
  });
});

describe('seededRandom', () => {
  it('repeats itself for a seed, and spreads', () => {
    const draw = (seed: number) => Array.from({ length: 1_000 }, seededRandom(seed));
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    const mean = draw(7).reduce((sum, value) => sum + value) / 1_000;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
    expect(draw(7).every((value) => value >= 0 && value < 1)).toBe(true);
  });
});
