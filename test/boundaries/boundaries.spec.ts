import { beforeAll, describe, expect, it } from '@jest/globals';
import { lint, type Complaint, type Snippet } from './lint.js';

/** A rule of eslint.config.mjs: what it forbids, and the nearest thing that it allows. */
interface Boundary extends Allowance {
  readonly rule: string;
  readonly forbids: Snippet;
}

interface Allowance {
  readonly allows: Snippet;
}

const nx = '@nx/enforce-module-boundaries';
const condition = 'libs/condition/src/compile.ts';
const ingest = 'apps/ingest/src/ingest.module.ts';
const at = (file: string, code: string): Snippet => ({ file, code });
const uses = (file: string, name: string, from: string) => at(file, `import { ${name} } from '${from}';\nexport const used: unknown = ${name};\n`);
const lines = (count: number) => Array.from({ length: count }, (_, line) => `  console.log(${line});`).join('\n');
const branches = (count: number) => Array.from({ length: count }, (_, value) => `  if (n === ${value}) return ${value};`).join('\n');

const boundaries: readonly (readonly [string, Boundary])[] = [
  ['contracts import nothing of ours', { rule: nx, forbids: uses('libs/contracts/src/channel.ts', 'compile', '@tidings/condition'), allows: uses('libs/contracts/src/channel.ts', 'topic', './topic.js') }],
  ['domain libs do not import platform libs', { rule: nx, forbids: uses(condition, 'serve', '@tidings/service'), allows: uses(condition, 'events', '@tidings/contracts') }],
  ['domain libs do not know Nest', { rule: nx, forbids: uses(condition, 'Module', '@nestjs/common'), allows: uses(condition, 'Type', 'typebox') }],
  ['domain libs do not know TypeORM', { rule: nx, forbids: uses(condition, 'DataSource', 'typeorm'), allows: uses('libs/postgres/src/connect.ts', 'DataSource', 'typeorm') }],
  ['domain libs do not know HTTP clients', { rule: nx, forbids: uses(condition, 'Pool', 'undici'), allows: uses('libs/dispatch/src/attempt.ts', 'Pool', 'undici') }],
  ['platform libs do not import domain libs', { rule: nx, forbids: uses('libs/service/src/page.ts', 'compile', '@tidings/condition'), allows: uses('libs/service/src/page.ts', 'events', '@tidings/contracts') }],
  ['an app does not import another app', { rule: nx, forbids: uses(ingest, 'ApiModule', '@tidings/api'), allows: uses(ingest, 'Catalog', '@tidings/service') }],
  ['a lib does not import an app', { rule: nx, forbids: uses('libs/dispatch/src/attempt.ts', 'ApiModule', '@tidings/api'), allows: uses('libs/dispatch/src/attempt.ts', 'Database', '@tidings/postgres') }],
  ['the runtime of dispatchers does not know journeys', { rule: nx, forbids: uses('libs/dispatch/src/attempt.ts', 'follow', '@tidings/journey'), allows: uses('libs/dispatch/src/attempt.ts', 'compileTemplate', '@tidings/template') }],
  ['ingest does not know segments', { rule: nx, forbids: uses(ingest, 'Segments', '@tidings/segment'), allows: uses(ingest, 'compile', '@tidings/condition') }],
  ['code that ships does not import test builders', { rule: nx, forbids: uses(ingest, 'anEvent', '@tidings/testing'), allows: uses('apps/ingest/src/accept/accept-event.spec.ts', 'anEvent', '@tidings/testing') }],
  ['nobody reaches into another project by path', { rule: nx, forbids: uses('libs/bus/src/batch.ts', 'topic', '../../contracts/src/topic.js'), allows: uses('libs/bus/src/batch.ts', 'topic', '@tidings/contracts') }],

  ['only libs/bus knows the Kafka client', { rule: 'no-restricted-imports', forbids: uses('libs/service/src/page.ts', 'Kafka', 'kafkajs'), allows: uses('libs/bus/src/batch.ts', 'Kafka', 'kafkajs') }],
  ['domain libs do not import node:*', { rule: 'no-restricted-imports', forbids: uses(condition, 'createHash', 'node:crypto'), allows: uses('libs/service/src/seal.ts', 'createHash', 'node:crypto') }],
  ['domain libs do not import node:*/*', { rule: 'no-restricted-imports', forbids: uses(condition, 'readFile', 'node:fs/promises'), allows: uses('libs/service/src/seal.ts', 'readFile', 'node:fs/promises') }],

  ['only config.ts reads the environment', { rule: 'no-restricted-properties', forbids: at(ingest, `export const url = process.env['DATABASE_URL'];\n`), allows: at('apps/ingest/src/config.ts', `export const url = process.env['DATABASE_URL'];\n`) }],
  ['... by whatever name', { rule: 'no-restricted-properties', forbids: at(ingest, 'export const { env } = process;\n'), allows: at(ingest, 'export const { pid } = process;\n') }],
  ['domain libs do not know the process', { rule: 'no-restricted-globals', forbids: at(condition, 'export const pid = process.pid;\n'), allows: at(ingest, 'export const pid = process.pid;\n') }],
  ['domain libs do not call the network', { rule: 'no-restricted-globals', forbids: at(condition, `export const page = fetch('http://localhost');\n`), allows: at(ingest, `export const page = fetch('http://localhost');\n`) }],
  ['domain libs do not wait', { rule: 'no-restricted-globals', forbids: at(condition, 'export const timer = setTimeout(() => null, 1);\n'), allows: at(ingest, 'export const timer = setTimeout(() => null, 1);\n') }],
  ['domain libs do not read the clock', { rule: 'no-restricted-syntax', forbids: at(condition, 'export const now = Date.now();\n'), allows: at(ingest, 'export const now = Date.now();\n') }],
  ['... nor make a date of now', { rule: 'no-restricted-syntax', forbids: at(condition, 'export const now = new Date();\n'), allows: at(condition, 'export const then = (now: number) => new Date(now - 1);\n') }],
  ['domain libs do not throw dice', { rule: 'no-restricted-syntax', forbids: at(condition, 'export const chance = Math.random();\n'), allows: at(condition, 'export const half = Math.round(1.5);\n') }],

  ['files end at 300 lines', { rule: 'max-lines', forbids: at(ingest, `${lines(301)}\n`), allows: at(ingest, `${lines(299)}\n`) }],
  ['functions end at 40 lines', { rule: 'max-lines-per-function', forbids: at(ingest, `export function long() {\n${lines(40)}\n}\n`), allows: at(ingest, `export function short() {\n${lines(38)}\n}\n`) }],
  ['functions take at most 5 parameters', { rule: 'max-params', forbids: at(ingest, 'export const six = (...[a]: number[]) => a;\nexport function sum(a: number, b: number, c: number, d: number, e: number, f: number) { return a + b + c + d + e + f; }\n'), allows: at(ingest, 'export function sum(a: number, b: number, c: number, d: number, e: number) { return a + b + c + d + e; }\n') }],
  ['functions branch at most 10 ways', { rule: 'complexity', forbids: at(ingest, `export function pick(n: number) {\n${branches(10)}\n  return -1;\n}\n`), allows: at(ingest, `export function pick(n: number) {\n${branches(9)}\n  return -1;\n}\n`) }],
  ['a switch names every case of a union', { rule: '@typescript-eslint/switch-exhaustiveness-check', forbids: at(ingest, `export function word(kind: 'a' | 'b') { switch (kind) { case 'a': return 1; } return 2; }\n`), allows: at(ingest, `export function word(kind: 'a' | 'b') { switch (kind) { case 'a': return 1; case 'b': return 2; } }\n`) }],
  ['promises are awaited', { rule: '@typescript-eslint/no-floating-promises', forbids: at(ingest, 'Promise.resolve(1);\n'), allows: at(ingest, 'await Promise.resolve(1);\n') }],
  ['there is no any', { rule: '@typescript-eslint/no-explicit-any', forbids: at(ingest, 'export const it: any = 1;\n'), allows: at(ingest, 'export const it: unknown = 1;\n') }],
  ['nothing is unused', { rule: '@typescript-eslint/no-unused-vars', forbids: at(ingest, 'const left = 1;\n'), allows: at(ingest, 'export const { length: _left, ...rest } = [1];\n') }],
  ['types are imported as types', { rule: '@typescript-eslint/consistent-type-imports', forbids: at(condition, `import { Topic } from '@tidings/contracts';\nexport type Named = Topic;\n`), allows: at(condition, `import type { Topic } from '@tidings/contracts';\nexport type Named = Topic;\n`) }],

  ['a test expects something', { rule: 'jest/expect-expect', forbids: test(`it('hopes', () => {});`), allows: test(`it('knows', () => { expect(1).toBe(1); });`) }],
  ['no test is run alone', { rule: 'jest/no-focused-tests', forbids: test(`it.only('knows', () => { expect(1).toBe(1); });`), allows: test(`it('knows', () => { expect(1).toBe(1); });`) }],
  ['no test is switched off', { rule: 'jest/no-disabled-tests', forbids: test(`it.skip('knows', () => { expect(1).toBe(1); });`), allows: test(`it('knows', () => { expect(1).toBe(1); });`) }],
  ['no two tests have the same name', { rule: 'jest/no-identical-title', forbids: test(`it('knows', () => { expect(1).toBe(1); }); it('knows', () => { expect(2).toBe(2); });`), allows: test(`it('knows', () => { expect(1).toBe(1); }); it('sees', () => { expect(2).toBe(2); });`) }],
  ['only stores and schemas know SQL', { rule: 'no-restricted-syntax', forbids: at(ingest, `export const q = 'select id from x';\n`), allows: at('apps/api/src/definitions/definitions.store.ts', `export const q = 'select id from x';\n`) }],
  ['... in templates too', { rule: 'no-restricted-syntax', forbids: at(ingest, 'export const q = (table: string) => `update ${table} set a = 1`;\n'), allows: at('apps/api/src/api.schema.ts', 'export const q = (table: string) => `update ${table} set a = 1`;\n') }],
  ['... but everybody may speak English', { rule: 'no-restricted-syntax', forbids: at(ingest, `export const q = 'delete from x';\n`), allows: at(ingest, `export const words = 'with the update, from the selection';\n`) }],
  ['only libs/postgres knows the database driver', { rule: 'no-restricted-imports', forbids: uses(ingest, 'Client', 'pg'), allows: uses('libs/postgres/src/connect.ts', 'Client', 'pg') }],
  ['the Kafka client is not loaded behind the linter', { rule: 'no-restricted-syntax', forbids: at(ingest, `export const client = import('kafkajs');\n`), allows: at('libs/bus/src/batch.ts', `export const client = import('kafkajs');\n`) }],
  ['the environment is not imported either', { rule: 'no-restricted-imports', forbids: uses(ingest, 'env', 'node:process'), allows: uses('libs/service/src/env.ts', 'env', 'node:process') }],
  ['domain libs do not import fs by its old name', { rule: 'no-restricted-imports', forbids: uses(condition, 'readFileSync', 'fs'), allows: uses(condition, 'v5', 'uuid') }],
  ['domain libs do not make random ids', { rule: 'no-restricted-imports', forbids: uses(condition, 'v4', 'uuid'), allows: uses(condition, 'v5', 'uuid') }],
  ['... nor take them from the platform', { rule: 'no-restricted-globals', forbids: at(condition, 'export const id = crypto.randomUUID();\n'), allows: at(ingest, 'export const id = crypto.randomUUID();\n') }],
  ['... nor look at the clock another way', { rule: 'no-restricted-syntax', forbids: at(condition, `import { DateTime } from 'luxon';\nexport const now = DateTime.now();\n`), allows: at(condition, `import { DateTime } from 'luxon';\nexport const then = DateTime.fromMillis(0);\n`) }],
  ['suites import libs, never apps', { rule: nx, forbids: uses('test/boundaries/lint.ts', 'ApiModule', '@tidings/api'), allows: uses('test/boundaries/lint.ts', 'anEvent', '@tidings/testing') }],
];

function test(code: string): Snippet {
  return at('apps/ingest/src/accept/accept-event.spec.ts', `import { expect, it } from '@jest/globals';\n${code}\n`);
}

describe('every boundary of eslint.config.mjs', () => {
  let said: readonly (readonly Complaint[])[] = [];
  const rulesAgainst = (index: number) => (said[index] ?? []).map(({ rule }) => rule);

  beforeAll(async () => {
    said = await lint(boundaries.flatMap(([, { forbids, allows }]) => [forbids, allows]));
  }, 240_000);

  it.each(boundaries.map(([sentence, boundary], index) => [sentence, boundary, index] as const))('%s', (_sentence, { rule }, index) => {
    expect(rulesAgainst(2 * index)).toContain(rule);
    // What is allowed breaks no other rule either: a snippet that does not parse would pass for allowed.
    expect(said[2 * index + 1]).toEqual([]);
  });
});
