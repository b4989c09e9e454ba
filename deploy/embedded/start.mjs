// @ts-check
// `npm start`: everything on this machine, with nothing but Node 20 to begin with.
import { exitWith } from './refusal.mjs';
import { run } from './runtime.mjs';

const args = process.argv.slice(2);
if (args.some((arg) => arg !== '--fresh')) {
  console.error('Usage: npm start [-- --fresh]\n  --fresh  begin anew: removes the data in .tidings, keeps the downloads');
  process.exit(2);
}
await exitWith(run({ fresh: args.includes('--fresh') }));
