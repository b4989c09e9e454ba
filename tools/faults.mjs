// @ts-check
// `npm run test:faults`: the long form of the crash tests.
import { runJest } from './jest.mjs';
import { countResults, forgetResults, sumLine } from './results.mjs';
import { prepare, startServices } from './services.mjs';
import { runTool } from './steps.mjs';

await runTool(async () => {
  const node = await prepare();
  const { env } = await startServices(node);
  forgetResults();
  const ok = await runJest(node, 'test/crash', { ...env, FAULTS: 'long' });
  const count = countResults();
  console.log(sumLine(count));
  return ok && count.passed > 0 ? 0 : 1;
});
