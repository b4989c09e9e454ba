// @ts-check
import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync } from 'node:fs';

/**
 * The last lines of a log file; empty when there is none.
 * @param {string} file
 * @param {number} [lines]
 */
export function readTail(file, lines = 15) {
  if (!existsSync(file)) return '';
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const text = readFrom(descriptor, Math.max(0, size - 64 * 1024));
    return text.trimEnd().split('\n').slice(-lines).map((line) => line.slice(0, 500)).join('\n');
  } finally {
    closeSync(descriptor);
  }
}

/**
 * @param {number} descriptor
 * @param {number} offset
 */
function readFrom(descriptor, offset) {
  const buffer = Buffer.alloc(Math.max(0, fstatSync(descriptor).size - offset));
  return buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, offset)).toString('utf8');
}

/**
 * Begins a new log file and keeps the one before as `<file>.1`.
 * @param {string} file
 */
export function turnOver(file) {
  if (existsSync(file)) renameSync(file, `${file}.1`);
}

/**
 * Shows what is added to a log file from now on, line by line, until stopped. The file stays the writer's own: it can go on when we are gone.
 * @param {string} file
 * @param {(line: string) => void} show
 * @returns {() => void} shows the rest and stops
 */
export function follow(file, show) {
  let offset = 0;
  let rest = '';
  const read = () => {
    if (!existsSync(file)) return;
    const descriptor = openSync(file, 'r');
    const text = readFrom(descriptor, offset);
    closeSync(descriptor);
    offset += Buffer.byteLength(text);
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(show);
  };
  const timer = setInterval(read, 300);
  return () => {
    clearInterval(timer);
    read();
  };
}

/**
 * What a person at the terminal should see of a line of our services' logs: warnings and errors shortened to a sentence,
 * what is no log record as it is, and nothing of the rest.
 * @param {string} line
 * @returns {string | null}
 */
export function worthShowing(line) {
  if (line.trim() === '') return null;
  if (!line.startsWith('{')) return line;
  try {
    const { level, msg, err } = JSON.parse(line);
    if (!(Number(level) >= 40)) return null;
    return `${Number(level) >= 50 ? 'error' : 'warning'}: ${[msg, err?.message].filter(Boolean).join(': ')}`;
  } catch {
    return line;
  }
}
