import { die, dieOnUncaught } from './exit.js';
import { nameService } from './log.js';
import { migrateService } from './migrate-service.js';
import { run } from './run.js';
import type { Service } from './service.js';

/**
 * The life of a process. `node main.js` serves until SIGTERM and exits with 0 once everything in hand is finished;
 * `node main.js migrate` creates topics, migrates and exits. What keeps it from starting is said in one sentence,
 * with exit code 1; a Kafka or Postgres that is not there yet is waited for.
 */
export async function serve(service: Service): Promise<void> {
  nameService(service.name);
  dieOnUncaught();
  try {
    await command(service, process.argv[2]);
  } catch (error) {
    die(`${service.name} could not start: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

async function command(service: Service, name: string | undefined): Promise<void> {
  if (name === undefined) return run(service);
  if (name === 'migrate') {
    await migrateService(service, new AbortController().signal);
    process.exit(0);
  }
  process.stderr.write(`There is no command "${name}": say nothing to serve, or "migrate".\n`);
  process.exit(2);
}
