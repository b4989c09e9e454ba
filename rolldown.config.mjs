import { globSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Each app becomes one file with its source map: our libs are bundled from source, packages stay imports. */
const ours = /^(\.|\/|@tidings\/|@oxc-project\/)/;
const wanted = process.env.APP;

export default globSync('apps/*/src/main.ts')
  .map((main) => ({ main, app: basename(dirname(dirname(main))) }))
  .filter(({ app }) => !wanted || app === wanted)
  .map(({ main, app }) => ({
    input: main,
    platform: 'node',
    tsconfig: './tsconfig.json',
    external: (id) => !ours.test(id),
    output: { dir: `dist/apps/${app}`, format: 'esm', sourcemap: true, keepNames: true, entryFileNames: 'main.js' },
  }));
