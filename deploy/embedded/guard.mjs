// @ts-check
// Stands between a command and one of its children. The channel to the parent closes when the parent dies, however it dies;
// then the guard ends the child and all that the child has started, and nothing stays behind. It runs in its own session:
// Ctrl-C at the terminal reaches the parent alone, which stops its children in the right order.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

const end = () => process.exit(0);
process.once('disconnect', end);
// What is run comes by the channel: a command line, with an environment in it, would be for everybody on the machine to see.
process.once('message', (/** @type {import('./guarded.d.mts').GuardSpec} */ spec) => {
  process.off('disconnect', end);
  guard(spec);
});

/** @param {import('./guarded.d.mts').GuardSpec} spec */
function guard({ command, args, cwd, env, uid, gid, stopSignal, graceMs, orphanGraceMs, throwAway }) {
  // A process group of its own: whatever the child starts is in it, and is ended with it.
  const child = spawn(command, args, { cwd, env, uid, gid, stdio: 'inherit', detached: true });
  let orphaned = false;

  /** @param {NodeJS.Signals} signal */
  function signalAll(signal) {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // Nobody is left in the group.
    }
  }

  /** @param {number} withinMs */
  function stop(withinMs) {
    signalAll(stopSignal);
    setTimeout(() => signalAll('SIGKILL'), withinMs).unref();
  }

  /** @param {import('./guarded.d.mts').GuardReport} report */
  function tellAndEnd(report) {
    if (orphaned && throwAway) rmSync(throwAway, { recursive: true, force: true, maxRetries: 10 });
    if (!process.connected) end();
    process.send?.(report, end);
  }

  process.on('message', (order) => (order === 'stop' ? stop(graceMs) : signalAll('SIGKILL')));
  process.on('disconnect', () => {
    orphaned = true;
    stop(orphanGraceMs);
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => stop(graceMs));
  child.once('spawn', () => process.send?.({ kind: 'started', pid: child.pid ?? 0 }));
  child.once('error', (error) => tellAndEnd({ kind: 'failed', message: error.message, code: 'code' in error ? String(error.code) : '' }));
  child.once('exit', (code, signal) => {
    signalAll('SIGKILL');
    tellAndEnd({ kind: 'exited', code, signal });
  });
}
