import { beforeEach, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { checkJourney } from '../check-journey.js';
import { journeyFile, told, Walk } from './walk.js';

const file = new URL('../../../../examples/shop/journeys/abandoned-cart.yaml', import.meta.url);
const abandonedCart = journeyFile('abandoned-cart', readFileSync(file, 'utf8'), { cart_wait: '30m', cart_email_wait: '1d' });

let walk: Walk;
beforeEach(() => {
  walk = new Walk([abandonedCart]);
});

const add = (cart: string, name = 'Lamp') => walk.event('Product Added', { cart_id: cart, name });
const order = (cart: string) => walk.event('Order Completed', { cart_id: cart });

it('is a journey that may be published', () => {
  expect(checkJourney(abandonedCart)).toEqual([]);
});

it('reminds by push after half an hour, and by e-mail a day later', () => {
  add('c-1');
  walk.pass('3d');
  expect(walk.messages()).toEqual(['+30m remind-by-push: push', '+1470m remind-by-email: email']);
  expect(walk.active()).toEqual([]);
});

it('is silent when the cart is ordered in time', () => {
  add('c-1');
  walk.pass('29m');
  expect(told(order('c-1'))).toEqual(['run-ended exited', 'recall-run wait-for-order']);
  walk.pass('3d');
  expect(walk.messages()).toEqual([]);
});

it('sends no e-mail when the push brought the order', () => {
  add('c-1');
  walk.pass('2h');
  order('c-1');
  walk.pass('3d');
  expect(walk.messages()).toEqual(['+30m remind-by-push: push']);
});

it('calls the push back when the order comes between decision and sending', () => {
  add('c-1');
  walk.pass('30m');
  const [, recall] = order('c-1');
  expect(recall).toMatchObject({ kind: 'recall-run', run: { step: 'wait-once-more', key: 'c-1' } });
});

it('calls the e-mail back although nothing was left to wait for', () => {
  add('c-1');
  walk.pass('1471m');
  expect(told(order('c-1'))).toEqual(['recall-run end']);
});

it('counts from the first product in the cart, and reminds once', () => {
  add('c-1');
  walk.pass('20m');
  add('c-1', 'Chair');
  walk.pass('20m');
  expect(walk.messages()).toEqual(['+30m remind-by-push: push']);
  expect(walk.active()[0]?.event?.properties).toMatchObject({ name: 'Lamp' });
});

it('reminds of each cart on its own, and the order of one leaves the other', () => {
  add('c-1');
  walk.pass('10m');
  add('c-2');
  order('c-1');
  walk.pass('1h');
  expect(walk.messages()).toEqual(['+40m remind-by-push: push']);
  expect(walk.active().map(({ key }) => key)).toEqual(['c-2']);
});

it('begins nothing for a product in no cart', () => {
  walk.event('Product Added', { name: 'Lamp' });
  expect(walk.effects).toEqual([]);
});

it('sends no reminder that became due during an outage for a cart that was ordered meanwhile', () => {
  add('c-1');
  walk.outage('2h');
  order('c-1');
  walk.wake();
  expect(walk.messages()).toEqual([]);
});
