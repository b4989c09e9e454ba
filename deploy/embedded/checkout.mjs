// @ts-check
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of this checkout. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Where `npm start` keeps its state. */
export const stateDir = join(root, '.tidings');

/** Where downloads are kept that outlive `--fresh`; `TIDINGS_CACHE` moves it, so that checkouts can share one. */
export const cacheDir = process.env.TIDINGS_CACHE || join(stateDir, 'cache');

/** The folder of the embedded runtime's own files. */
export const embeddedDir = dirname(fileURLToPath(import.meta.url));
