import { builtinModules } from 'node:module';
import nx from '@nx/eslint-plugin';
import jest from 'eslint-plugin-jest';
import tseslint from 'typescript-eslint';

const only = (tag, ...tags) => ({ sourceTag: tag, onlyDependOnLibsWithTags: tags });

const outsideOfDomain = ['@nestjs/*', 'typeorm', 'pg', 'kafkajs', 'undici', 'rxjs', 'pino', '@opentelemetry/*', 'nodemailer', 'firebase-admin'];
const types = [
  only('type:contracts'),
  { ...only('type:domain', 'type:domain', 'type:contracts'), bannedExternalImports: outsideOfDomain },
  only('type:platform', 'type:platform', 'type:contracts'),
  only('type:runtime', 'type:runtime', 'type:domain', 'type:platform', 'type:contracts'),
  only('type:app', 'type:runtime', 'type:domain', 'type:platform', 'type:contracts'),
  only('type:assembly', 'type:app', 'type:runtime', 'type:domain', 'type:platform', 'type:contracts'),
  only('type:testing', 'type:testing', 'type:runtime', 'type:domain', 'type:platform', 'type:contracts'),
  only('type:suite', 'type:testing', 'type:runtime', 'type:domain', 'type:platform', 'type:contracts'),
];
const scopes = [
  ...['ingest', 'segmentation', 'orchestrator', 'dispatch', 'analytics', 'shared'].map((scope) => only(`scope:${scope}`, `scope:${scope}`, 'scope:shared')),
  // Whoever checks definitions needs every rule that will read them.
  only('scope:definitions', 'scope:definitions', 'scope:segmentation', 'scope:orchestrator', 'scope:shared'),
];
const withTesting = (rule) => ({ ...rule, onlyDependOnLibsWithTags: [...rule.onlyDependOnLibsWithTags, 'type:testing'] });
const boundaries = (typeRules) => ['error', { enforceBuildableLibDependency: false, allow: [], depConstraints: [...typeRules, ...scopes] }];

const domain = ['libs/{condition,profile,segment,journey,delivery,template,definition,mapping}/src/**/*.ts'];
const kafkaClient = { name: 'kafkajs', message: 'Only libs/bus knows the Kafka client.' };
const database = ['pg', 'typeorm'].map((name) => ({ name, message: 'Only libs/postgres knows the database driver.' }));
const environment = { name: 'node:process', message: 'Only config.ts reads the environment.' };
const otherClients = ['node-fetch', 'axios', 'got'].map((name) => ({ name, message: 'Use an undici Pool per provider.' }));
const restricted = [kafkaClient, ...database, environment, ...otherClients];
const noEnvironment = { object: 'process', property: 'env', message: 'Only config.ts reads the environment.' };

const beginsSql = String.raw`/^\s*(select\s|insert\s+into\s|update\s+(\S+\s+set\s|$)|delete\s+from\s|with\s+\w+\s+as\s)/i`;
const sql = ['Literal[value=', 'TemplateElement[value.cooked='].map((node) => ({ selector: `${node}${beginsSql}]`, message: 'Only *.store.ts and *.schema.ts know SQL.' }));
const loading = { selector: "ImportExpression[source.value='kafkajs']", message: 'Only libs/bus knows the Kafka client.' };
const takeNow = 'Take `now` as an argument.';
const clockAndChance = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: takeNow },
  { selector: "CallExpression[callee.name='Date']", message: takeNow },
  { selector: "MemberExpression[object.name='Date'][property.name='now']", message: takeNow },
  { selector: "MemberExpression[object.name='DateTime'][property.name=/^(now|local|utc)$/]", message: takeNow },
  { selector: "MemberExpression[object.name='Math'][property.name='random']", message: 'Take the choice as an argument.' },
  { selector: 'ImportExpression', message: 'A domain lib is loaded whole.' },
];
const outsideWorld = ['process', 'globalThis', 'fetch', 'crypto', 'performance', 'console', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'];

export default tseslint.config(
  { ignores: ['**/dist', '**/node_modules', '.nx', '.tidings', 'tools/ts7', '**/*.mjs', '**/*.cjs', '**/*.d.mts'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    files: ['**/*.ts'],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(types),
      'max-lines': ['error', 300],
      'max-lines-per-function': ['error', 40],
      'max-params': ['error', 5],
      // A switch counts as one decision: one that goes through a union case by case is a table, and the compiler says when it is not whole.
      complexity: ['error', { max: 10, variant: 'modified' }],
      'no-restricted-imports': ['error', { paths: restricted }],
      'no-restricted-syntax': ['error', loading, ...sql],
      'no-restricted-properties': ['error', noEnvironment],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-redundant-type-constituents': 'off',
    },
  },
  // Nest reads the types of constructor and handler parameters at run time: those imports must stay.
  { files: ['apps/**/*.ts', 'libs/{bus,postgres,service,dispatch}/**/*.ts'], rules: { '@typescript-eslint/consistent-type-imports': 'off' } },
  { files: ['libs/bus/**/*.ts'], rules: { 'no-restricted-imports': ['error', { paths: [...database, environment, ...otherClients] }] } },
  { files: ['libs/postgres/**/*.ts'], rules: { 'no-restricted-imports': ['error', { paths: [kafkaClient, environment, ...otherClients] }] } },
  { files: ['libs/service/**/*.ts'], rules: { 'no-restricted-imports': ['error', { paths: [kafkaClient, ...otherClients] }] } },
  { files: ['**/*.store.ts', '**/*.schema.ts', 'libs/{bus,postgres}/**/*.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: domain,
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [...restricted, ...builtinModules, { name: 'uuid', allowImportNames: ['v5'], message: 'Ids are derived.' }],
          patterns: ['node:*'],
        },
      ],
      'no-restricted-globals': ['error', ...outsideWorld],
      'no-restricted-syntax': ['error', ...sql, ...clockAndChance],
    },
  },
  { files: ['**/*.{spec,fixture}.ts', 'test/**/*.ts', 'libs/testing/**/*.ts'], rules: { 'no-restricted-syntax': 'off', 'no-restricted-imports': 'off' } },
  { files: ['apps/*/src/config.ts', 'libs/service/**/*.ts', 'libs/testing/**/*.ts', 'test/**/*.ts'], rules: { 'no-restricted-properties': 'off' } },
  {
    files: ['**/*.{spec,fixture}.ts', 'test/**/*.ts', 'libs/testing/**/*.ts'],
    plugins: { jest },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(types.map(withTesting)),
      'max-lines-per-function': 'off',
      'jest/expect-expect': ['error', { assertFunctionNames: ['expect*', '**.expect*', 'fc.assert'] }],
      'jest/no-focused-tests': 'error',
      'jest/no-disabled-tests': 'error',
      'jest/no-identical-title': 'error',
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
);
