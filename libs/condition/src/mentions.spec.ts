import { expect, it } from '@jest/globals';
import { mentionsOf } from './mentions.js';

it('finds everything a condition looks at, at any depth', () => {
  const performed = { performed: 'X', atLeast: 2 };
  const mentions = mentionsOf({
    all: [
      { any: [{ trait: 'plan', exists: true }, { not: { trait: 'address.city', exists: true } }] },
      performed,
      { segment: 'a' },
    ],
  });
  expect([...mentions.traits]).toEqual(['plan', 'address.city', 'address']);
  expect(mentions.performed).toEqual([performed]);
  expect([...mentions.segments]).toEqual(['a']);
});
