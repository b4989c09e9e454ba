// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from './check-lock.mjs';

const parent = { version: '1.0.0', optionalDependencies: { 'x-linux': '1' } };

test('an optional package counts as locked wherever resolution finds it', () => {
  assert.deepEqual(faultsOf({ '': {}, 'node_modules/x': parent, 'node_modules/x-linux': {} }), []);
  assert.deepEqual(faultsOf({ '': {}, 'node_modules/a/node_modules/x': parent, 'node_modules/a/node_modules/x-linux': {} }), []);
});

test('a lost optional package and a host are named', () => {
  assert.deepEqual(faultsOf({ '': {}, 'node_modules/x': parent, 'node_modules/b/node_modules/x-linux': {} }), ['node_modules/x 1.0.0 lacks 1 optional packages: x-linux']);
  assert.deepEqual(faultsOf({ 'node_modules/y': { resolved: 'https://registry.example/y.tgz' } }), ['node_modules/y names a host: https://registry.example/y.tgz']);
  assert.deepEqual(faultsOf({ 'node_modules/z': { resolved: 'libs/z' } }), []);
});
