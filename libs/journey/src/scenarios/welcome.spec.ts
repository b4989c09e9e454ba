import { expect, it } from '@jest/globals';
import { decideSend } from '@tidings/delivery';
import { readFileSync } from 'node:fs';
import { checkJourney } from '../check-journey.js';
import { aProfile, journeyFile, told, Walk } from './walk.js';

const file = new URL('../../../../examples/shop/journeys/welcome.yaml', import.meta.url);
const welcome = journeyFile('welcome', readFileSync(file, 'utf8'), {});

/** What becomes of the messages asked for, as the orchestrator would decide. */
const decided = (walk: Walk) =>
  walk.effects.flatMap((effect) =>
    effect.kind === 'decide'
      ? effect.message.channels.map(({ channel }) => {
          const { rule } = decideSend({ channel, profile: walk.profile, consentModel: 'opt-out', hasTemplate: true });
          return `${channel}: ${rule}`;
        })
      : [],
  );

it('is a journey that may be published', () => {
  expect(checkJourney(welcome)).toEqual([]);
});

it('greets by e-mail and push at once, and is over', () => {
  const walk = new Walk([welcome]);
  const effects = walk.event('Signed Up');
  expect(told(effects)).toEqual(['run-started greeting', 'step-entered greeting', 'decide greeting', 'run-ended completed']);
  expect(decided(walk)).toEqual(['push: eligible', 'email: eligible']);
  expect(walk.active()).toEqual([]);
});

it('greets by e-mail alone where there is no device', () => {
  const walk = new Walk([welcome], aProfile({ devices: [] }));
  walk.event('Signed Up');
  expect(decided(walk)).toEqual(['push: no-address', 'email: eligible']);
});

it('leaves those alone who declined', () => {
  const walk = new Walk([welcome], aProfile({ consent: { email: false, push: false } }));
  walk.event('Signed Up');
  expect(decided(walk)).toEqual(['push: no-consent', 'email: no-consent']);
});
