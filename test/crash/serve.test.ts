import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';

const JOULEKEEP = fileURLToPath(new URL('../../bin/joulekeep.ts', import.meta.url));
const stateDir = mkdtempSync(join(tmpdir(), 'joulekeep-serve-'));
const started: ReturnType<typeof spawn>[] = [];

function serve(env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [JOULEKEEP, 'serve', '--state', stateDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  started.push(child);
  return child;
}

afterEach(() => {
  for (const child of started) if (child.exitCode === null) child.kill('SIGKILL');
  rmSync(stateDir, { recursive: true, force: true });
});

/** Of the running process, as the system has it. */
function tunablesOf(pid: number): string[] {
  const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  return environment.filter((entry) => entry.startsWith('GLIBC_TUNABLES='));
}

it.runIf(process.platform === 'linux').each([
  { asked: {}, runs: 'glibc.malloc.hugetlb=1' },
  { asked: { GLIBC_TUNABLES: 'glibc.malloc.perturb=0' }, runs: 'glibc.malloc.perturb=0' },
])('serves in the process it was started as, with its memory on large pages or as the operator says: $runs', async ({ asked, runs }) => {
  const child = serve(asked);
  await once(child.stdout, 'data');
  expect(tunablesOf(child.pid!)).toEqual([`GLIBC_TUNABLES=${runs}`]);
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

/** Until it says that it serves: of a portal that is not built it speaks before. */
async function serving({ stdout }: ReturnType<typeof serve>): Promise<void> {
  for (let said = ''; !/^Joulekeep serves: MQTT over mutual TLS at mqtts:\/\/\S+, state in /m.test(said); )
    said += String((await once(stdout, 'data'))[0]);
}

it('serves alone until it is interrupted, one process at a time, and again on the same state', async () => {
  for (let run = 1; run <= 2; run++) {
    const child = serve();
    await serving(child);
    const second = serve();
    const [complaint] = (await once(second.stderr, 'data')) as [Buffer];
    expect(complaint.toString()).toMatch(/is in use by process \d+: end that one first\n$/);
    expect(await once(second, 'exit')).toEqual([2, null]);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
  }
}, 60_000);
