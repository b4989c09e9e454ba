import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What /proc says of one process. */
interface Stat {
  readonly parent: number;
  /** CPU seconds of its own, and of children that it has waited for. */
  readonly own: number;
  readonly gone: number;
}

const TICKS_PER_SECOND = 100;

/** Null when there is no such process (any more). */
function statOf(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses and may hold anything.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [parent = 0, utime = 0, stime = 0, childUtime = 0, childStime = 0] = [1, 11, 12, 13, 14].map(
      (index) => fields[index] ?? 0,
    );
    return { parent, own: (utime + stime) / TICKS_PER_SECOND, gone: (childUtime + childStime) / TICKS_PER_SECOND };
  } catch {
    return null;
  }
}

const allPids = (): number[] => readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));

/**
 * CPU seconds that each of these processes and everything it started have used so far; of this process its own alone, because
 * what it started is asked for by itself.
 */
export function cpuOf(roots: readonly number[]): readonly number[] {
  const stats = new Map(allPids().flatMap((pid) => {
    const stat = statOf(pid);
    return stat === null ? [] : [[pid, stat] as const];
  })); // prettier-ignore
  const seconds = new Map(roots.map((root) => [root, 0]));
  for (const [pid, { own, gone }] of stats) {
    const spent = pid === process.pid ? own : own + gone;
    let at = pid;
    while (at > 1 && !seconds.has(at)) at = stats.get(at)?.parent ?? 0;
    if (at === pid || at !== process.pid) seconds.set(at, (seconds.get(at) ?? 0) + spent);
  }
  return roots.map((root) => seconds.get(root) ?? 0);
}

/** CPU seconds of ended processes that this one had started. */
export const cpuOfEndedChildren = (): number => statOf(process.pid)?.gone ?? 0;

/** Resident memory of a process in MB; NaN when it is gone. */
export function residentMb(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  } catch {
    return NaN;
  }
}

/** Jiffies of all CPUs so far: worked, stolen by the host, and in all. */
export function machineTicks(): { readonly busy: number; readonly stolen: number; readonly all: number } {
  const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? '';
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const busy = user + nice + system + irq + softirq + steal;
  return { busy, stolen: steal, all: busy + idle + iowait };
}

/** The oldest process that listens on a TCP port of this machine; null when it cannot be found. */
export function listenerOf(port: number): number | null {
  const inodes = new Set(['tcp', 'tcp6'].flatMap((table) => listeningInodes(table, port)));
  const holders = allPids().filter((pid) => socketsOf(pid).some((inode) => inodes.has(inode)));
  return holders.length === 0 ? null : Math.min(...holders);
}

function listeningInodes(table: string, port: number): string[] {
  const rows = readFileSync(`/proc/net/${table}`, 'utf8')
    .split('\n')
    .slice(1)
    .map((row) => row.trim().split(/\s+/));
  return rows.flatMap(([, local = '', , state, , , , , , inode = '']) =>
    state === '0A' && parseInt(local.split(':')[1] ?? '', 16) === port ? [inode] : [],
  );
}

function socketsOf(pid: number): string[] {
  try {
    const links = readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
    return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
