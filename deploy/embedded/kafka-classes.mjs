// @ts-check
import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What Java is told so that it takes the broker's classes from an archive instead of reading and checking each anew: that is three
 * fifths of the work of a start. `make` makes the archive, once per download; without one the broker only starts more slowly.
 * @param {string} libs the folder of the jars
 * @param {(file: string) => Promise<void>} make
 * @returns {Promise<string[]>}
 */
export async function archivedClasses(libs, make) {
  const file = join(libs, '..', 'classes.jsa');
  if (!existsSync(file)) await tryToMake(file, make);
  return existsSync(file) && statSync(file).size > 0 ? [`-XX:SharedArchiveFile=${file}`, '-Xlog:cds=off'] : [];
}

/**
 * Made beside its place and moved there when whole; another process may do the same at this moment. A Java that makes none
 * leaves an empty file, and is not asked again.
 * @param {string} file
 * @param {(file: string) => Promise<void>} make
 */
async function tryToMake(file, make) {
  const partial = `${file}.${process.pid}`;
  try {
    // A cache that cannot be written to is found out before the work.
    writeFileSync(partial, '');
    rmSync(partial);
    await make(partial);
    if (!existsSync(partial)) writeFileSync(partial, '');
    renameSync(partial, file);
  } catch {
    rmSync(partial, { force: true });
  }
}
