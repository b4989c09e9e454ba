// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { beginAnew } from './data-folder.mjs';
import { readTail } from './log-tail.mjs';
import { Refusal } from './refusal.mjs';

/**
 * Resolves when the app says that it is ready; refuses with the end of its log when it ends before, or takes longer than the limit.
 * @param {import('./guarded.d.mts').LoggedChild} app
 * @param {string} readyUrl
 * @param {{ limitMs?: number, log: (line: string) => void }} options
 */
export async function untilAppReady(app, readyUrl, { limitMs = 120_000, log }) {
  const began = Date.now();
  for (let nextWord = 5_000; Date.now() - began < limitMs; await sleep(150)) {
    if (!app.running()) throw new Refusal(whyEnded(app));
    if (await isReady(readyUrl)) return;
    if (Date.now() - began < nextWord) continue;
    log(`waiting for ${app.name} (${Math.round((Date.now() - began) / 1000)} s)`);
    nextWord += 5_000;
  }
  throw new Refusal(`${ending(app)}\n${app.name} was not ready within ${limitMs / 1000} s (${readyUrl}).`);
}

/**
 * What a person can do about an end that comes of older data; else the end of the log.
 * @param {import('./guarded.d.mts').LoggedChild} app
 */
function whyEnded(app) {
  const otherTables = /is not what was applied to this database/.test(readTail(app.logFile));
  if (otherTables) return `The tables were made by another version of ${app.name}, and this one does not take them over: if they lie in .tidings, ${beginAnew}; if DATABASE_URL is set, let it name an empty database.`;
  return `${ending(app)}\n${app.name} ended before it was ready.`;
}

/** @param {string} url */
async function isReady(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3_000) });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}

/**
 * The end of a child's log, headed by where it lies.
 * @param {{ logFile: string }} child
 */
export function ending({ logFile }) {
  return `The end of ${logFile}:\n${readTail(logFile)}\n`;
}
