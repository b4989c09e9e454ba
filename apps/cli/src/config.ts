import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the API is and the key to call it with. */
export interface Connection {
  readonly url: string;
  readonly key: string;
}

/** What a person typed before the command's own arguments. */
export interface ConnectionOptions {
  readonly url?: string;
  readonly key?: string;
}

/** The options, else `TIDINGS_URL` and `TIDINGS_KEY`, else what `npm start` left in `.tidings/local.json`; null when none says. */
export function connectionOf(options: ConnectionOptions, env = process.env): Connection | null {
  const local = readLocal(join(process.cwd(), '.tidings', 'local.json'));
  const url = options.url ?? env['TIDINGS_URL'] ?? local?.url;
  const key = options.key ?? env['TIDINGS_KEY'] ?? local?.key;
  return url && key ? { url: url.replace(/\/+$/, ''), key } : null;
}

function readLocal(file: string): Connection | null {
  try {
    const { url, secretKey } = JSON.parse(readFileSync(file, 'utf8')) as { url?: string; secretKey?: string };
    return url && secretKey ? { url, key: secretKey } : null;
  } catch {
    // No running installation in this folder: the options or the environment must say where one is.
    return null;
  }
}
