import { describe, expect, it, jest } from '@jest/globals';
import { isZone, zoneOf } from './zone.js';

describe('a time zone', () => {
  it.each([
    ['Europe/Lisbon', true, 'Europe/Lisbon'],
    ['UTC', true, 'UTC'],
    ['Mars/Olympus', false, 'UTC'],
    ['', false, 'UTC'],
  ])('%j is one: %j, and stands for %s', (name, is, stands) => {
    expect([isZone(name), zoneOf(name).name]).toEqual([is, stands]);
  });

  it('is UTC where nobody says one', () => {
    expect(zoneOf(null).name).toBe('UTC');
  });

  it.each(['Asia/Tokyo', 'Asia/Nowhere'])('is looked up once: %s', (name) => {
    isZone(name);
    const made = jest.spyOn(Intl, 'DateTimeFormat');
    for (let time = 0; time < 100; time += 1) isZone(name);
    expect(made).not.toHaveBeenCalled();
    made.mockRestore();
  });
});
