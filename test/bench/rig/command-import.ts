import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guard } from '../../harness/guard.js';
import { MemoryWatch, type MemoryCourse } from '../measure/memory-watch.js';
import { profileArgs } from './child.js';
import { writeCsv, type CsvFile } from './csv-files.js';

/** Where a file is imported to. */
export interface ImportInto {
  readonly url: string;
  readonly key: string;
  /** Processes whose memory is watched beside the command's own. */
  readonly watched?: Readonly<Record<string, number | undefined>>;
}

/** What an import came to. */
export interface Imported {
  readonly rows: number;
  readonly seconds: number;
  readonly memory: readonly MemoryCourse[];
}

let imports = 0;

/** Writes a file and has the built command line import it; the clock runs from the command's start to its end. */
export async function importByCommand(file: Omit<CsvFile, 'path'>, { url, key, watched = {} }: ImportInto): Promise<Imported> {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-import-'));
  const path = join(folder, 'rows.csv');
  try {
    await writeCsv({ ...file, path });
    const { spawnGuarded } = await guard();
    const startedAt = performance.now();
    const command = await spawnGuarded({
      name: 'tidings import',
      command: process.execPath,
      args: [...profileArgs('command'), 'dist/apps/cli/main.js', 'import', file.kind, path, '--json', '--id', `bench-${Date.now()}-${(imports += 1)}`],
      cwd: process.cwd(),
      env: { PATH: process.env['PATH'], TIDINGS_URL: url, TIDINGS_KEY: key },
      logFile: join(folder, 'command.log'),
    });
    const watch = new MemoryWatch({ ...watched, 'tidings import': command.pid });
    const { code } = await command.exited;
    const seconds = (performance.now() - startedAt) / 1000;
    const memory = watch.courses();
    const said = readFileSync(join(folder, 'command.log'), 'utf8');
    if (code !== 0) throw new Error(`the import ended with ${code}: ${said}`);
    const { accepted } = JSON.parse(said) as { accepted: number };
    return { rows: accepted, seconds, memory };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
