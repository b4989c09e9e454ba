import { globSync } from 'node:fs';
import { basename } from 'node:path';

/** The benchmarks and the processes they start, bundled from source like the apps: Node itself strips types, but no decorators. */
const ours = /^(\.|\/|@tidings\/|@oxc-project\/)/;
const files = globSync('test/bench/{*.bench.ts,processes/*.ts}');

export default {
  input: Object.fromEntries(files.map((file) => [basename(file, '.ts'), file])),
  platform: 'node',
  tsconfig: './tsconfig.json',
  external: (id) => !ours.test(id),
  output: {
    dir: 'dist/bench',
    format: 'esm',
    sourcemap: true,
    keepNames: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
  },
};
