import type { ApiClient } from '../api-client.js';
import type { Limited, Output } from '../command-shape.js';
import { print, printJson, printRows } from '../print.js';
import { UsageError } from '../usage-error.js';

/** Which dead letters a command is about. */
export interface LetterFilter {
  readonly topic?: string;
  readonly reason?: string;
}

/** Lists dead letters, the newest first. */
export async function listLetters(api: ApiClient, { topic, reason, limit, json }: LetterFilter & Limited): Promise<void> {
  const letters = await api.list<object>('/api/v1/dead-letters', { topic, reason }, limit);
  printRows(letters, ['id', 'at', 'sourceTopic', 'sourcePartition', 'sourceOffset', 'errorClass', 'reason', 'state'], json);
}

/** Shows one dead letter with its bytes. */
export async function showLetter(api: ApiClient, id: string): Promise<void> {
  printJson(await api.get(`/api/v1/dead-letters/${encodeURIComponent(id)}`));
}

/** Which letters to settle, and whether in earnest. */
export interface SettleOptions extends LetterFilter, Output {
  readonly all?: boolean;
  readonly dryRun?: boolean;
}

/** Puts letters back on the topics they came from; says how many it would be with `dryRun`. */
export const redriveLetters = (api: ApiClient, ids: readonly string[], options: SettleOptions): Promise<void> => settle(api, 'redrive', ids, options);

/** Sets letters aside for good; says how many it would be with `dryRun`. */
export const discardLetters = (api: ApiClient, ids: readonly string[], options: SettleOptions): Promise<void> => settle(api, 'discard', ids, options);

async function settle(api: ApiClient, action: 'redrive' | 'discard', ids: readonly string[], options: SettleOptions): Promise<void> {
  const { dryRun = false, json } = options;
  const answer = await api.send<{ count: number }>('POST', `/api/v1/dead-letters/${action}`, { ...chosen(ids, options), dryRun });
  if (json) return printJson(answer);
  print(`${dryRun ? 'would ' : ''}${action} ${answer.count}`);
}

function chosen(ids: readonly string[], { topic, reason, all }: SettleOptions): object {
  if (ids.length > 0) return { ids };
  if (!topic && !reason && !all) throw new UsageError('name letters by id, or choose with --topic, --reason or --all');
  return { ...(topic ? { topic } : {}), ...(reason ? { reason } : {}), ...(all ? { all } : {}) };
}
