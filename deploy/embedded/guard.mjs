// @ts-check
// Stands between a command and one of its long-running children. The channel to the parent closes when the parent dies,
// however it dies; then the guard stops the child, and nothing stays behind. It runs in its own session: Ctrl-C at the terminal
// reaches the parent alone, which stops its children in the right order.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

/** @type {import('./guarded.mjs').GuardSpec} */
const spec = JSON.parse(process.argv[2] ?? '');
const child = spawn(spec.command, spec.args, {
  cwd: spec.cwd,
  stdio: ['ignore', 'inherit', 'inherit'],
  ...(spec.uid === undefined ? {} : { uid: spec.uid, gid: spec.gid }),
});
let orphaned = false;

/** @param {number} graceMs */
function stop(graceMs) {
  child.kill(spec.stopSignal);
  setTimeout(() => child.kill('SIGKILL'), graceMs).unref();
}

/** @param {import('./guarded.mjs').GuardReport} report */
function tellAndEnd(report) {
  if (orphaned && spec.throwAway) rmSync(spec.throwAway, { recursive: true, force: true, maxRetries: 10 });
  if (!process.connected) process.exit(0);
  process.send?.(report, () => process.exit(0));
}

process.on('message', (message) => (message === 'stop' ? stop(spec.graceMs) : child.kill('SIGKILL')));
process.on('disconnect', () => {
  orphaned = true;
  stop(spec.orphanGraceMs);
});
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => stop(spec.graceMs));
child.once('spawn', () => process.send?.({ kind: 'started', pid: child.pid ?? 0 }));
child.once('error', (error) => tellAndEnd({ kind: 'failed', message: error.message }));
child.once('exit', (code, signal) => tellAndEnd({ kind: 'exited', code, signal }));
