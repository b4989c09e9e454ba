import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { checkJourney } from '../check-journey.js';
import { aProfile, journeyFile, told, Walk } from './walk.js';

const file = new URL('../../../../examples/learning/journeys/comeback.yaml', import.meta.url);
const comeback = journeyFile('comeback', readFileSync(file, 'utf8'), { comeback_wait: '2d' });

/** Somebody whom time alone put into these segments. */
function away(...segments: readonly string[]): Walk {
  const walk = new Walk([comeback], aProfile({ segments: [...segments] }));
  walk.activity({ entered: [...segments] });
  return walk;
}

it('is a journey that may be published', () => {
  expect(checkJourney(comeback)).toEqual([]);
});

it('invites by push at once, and by e-mail two days later', () => {
  const walk = away('no-lesson-3-days');
  walk.pass('30d');
  expect(walk.messages()).toEqual(['+0m invite-by-push: push', '+2880m invite-by-email: email']);
  expect(walk.active()).toEqual([]);
});

it('is silent once a lesson is completed, and calls back what has not left yet', () => {
  const walk = away('no-lesson-3-days');
  walk.pass('1d');
  expect(told(walk.event('Lesson Completed'))).toEqual(['run-ended exited', 'recall-run wait-for-lesson']);
  walk.pass('30d');
  expect(walk.messages()).toEqual(['+0m invite-by-push: push']);
});

it('invites again after the next absence, and not twice within one', () => {
  const walk = away('no-lesson-3-days');
  walk.pass('1d');
  walk.activity({ entered: ['no-lesson-3-days'] });
  walk.event('Lesson Completed');
  walk.pass('3d');
  walk.activity({ entered: ['no-lesson-3-days'] });
  expect(walk.messages()).toEqual(['+0m invite-by-push: push', '+5760m invite-by-push: push']);
});

it('leaves those alone who were away for long already when the segment was published', () => {
  const walk = away('no-lesson-3-days', 'no-lesson-7-days');
  walk.pass('30d');
  expect(walk.effects.filter(({ kind }) => kind === 'decide')).toEqual([]);
  expect(walk.active()).toEqual([]);
});
