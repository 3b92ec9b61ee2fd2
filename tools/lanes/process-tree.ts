import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Child, parent: every process there is. From /proc, or from `ps` where there is none. */
function parents(): Map<number, number> {
  if (!existsSync('/proc/self/stat')) {
    const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
    return new Map(stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number) as [number, number]));
  }
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return new Map(pids.flatMap((pid) => parentOf(pid)));
}

function parentOf(pid: string): [number, number][] {
  try {
    // The name in parentheses may hold anything; what follows the last one is fields.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return [[Number(pid), Number(fields[1])]];
  } catch {
    return [];
  }
}

/** Everything that descends from a process, children before grandchildren; emulators give theirs sessions of their own. */
export function descendants(pid: number): number[] {
  const all = [...parents()];
  const found: number[] = [];
  for (let layer = [pid]; layer.length > 0; ) {
    layer = all.filter(([, parent]) => layer.includes(parent)).map(([child]) => child);
    found.push(...layer);
  }
  return found;
}

/** SIGKILL to a process and everything that descends from it. */
export function killTree(pid: number): void {
  // Stopped first: what is stopped starts no other while the list is worked off.
  for (const one of [pid, ...descendants(pid)]) signal(one, 'SIGSTOP');
  for (const one of [pid, ...descendants(pid)]) signal(one, 'SIGKILL');
}

/** SIGKILL to everything that descends from this very process. */
export function killChildren(): void {
  for (const [child, parent] of parents()) if (parent === process.pid) killTree(child);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself.
  }
}
