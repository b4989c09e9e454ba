/**
 * Accepts what was added to the contracts: rewrites `published/` and adds new golden samples to their list of
 * checksums. Refuses when something published would break or a golden sample was changed.
 * Run it as `node libs/contracts/publish.mjs` under Node 24.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { basename } from 'node:path';

// The sources say `./x.js` for what is `./x.ts` until they are built.
registerHooks({
  resolve(specifier, context, next) {
    const source =
      specifier.startsWith('.') && context.parentURL?.endsWith('.ts') ? specifier.replace(/\.js$/, '.ts') : specifier;
    return next(source, context);
  },
});
const { breakages, publishedSchemas } = await import('./src/published-schemas.ts');

const published = new URL('./published/', import.meta.url);
const golden = new URL('./golden/', import.meta.url);
const jsonFiles = (folder) =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort();
const read = (file, folder) => JSON.parse(readFileSync(new URL(file, folder), 'utf8'));

const broken = breakages(
  Object.fromEntries(jsonFiles(published).map((file) => [basename(file, '.json'), read(file, published)])),
);
const list = jsonFiles(golden).includes('checksums.json') ? read('checksums.json', golden) : {};
const sums = Object.fromEntries(
  jsonFiles(golden)
    .filter((file) => file !== 'checksums.json')
    .map((file) => [
      file,
      createHash('sha256')
        .update(JSON.stringify(read(file, golden)))
        .digest('hex'),
    ]),
);
const changed = Object.keys(list)
  .filter((file) => sums[file] !== list[file])
  .map((file) => `golden/${file}: a golden sample never changes`);

const problems = [...broken, ...changed];
if (problems.length > 0) {
  console.error(`Not published:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  process.exit(1);
}
for (const { name, schema } of publishedSchemas())
  writeFileSync(new URL(`${name}.json`, published), `${JSON.stringify(schema, null, 2)}\n`);
writeFileSync(new URL('checksums.json', golden), `${JSON.stringify(sums, null, 2)}\n`);
console.log(`Published ${publishedSchemas().length} schemas and ${Object.keys(sums).length} golden samples.`);
