import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';

const JOULEKEEP = fileURLToPath(new URL('../../bin/joulekeep.ts', import.meta.url));
const stateDir = mkdtempSync(join(tmpdir(), 'joulekeep-serve-'));
const started: ReturnType<typeof spawn>[] = [];

function serve() {
  const child = spawn(process.execPath, [JOULEKEEP, 'serve', '--state', stateDir], { stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  return child;
}

afterEach(() => {
  for (const child of started) if (child.exitCode === null) child.kill('SIGKILL');
  rmSync(stateDir, { recursive: true, force: true });
});

it('serves alone until it is interrupted, one process at a time, and again on the same state', async () => {
  for (let run = 1; run <= 2; run++) {
    const child = serve();
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    expect(line.toString()).toMatch(/^Joulekeep serves: MQTT over mutual TLS at mqtts:\/\/\S+, state in /);
    const second = serve();
    const [complaint] = (await once(second.stderr, 'data')) as [Buffer];
    expect(complaint.toString()).toMatch(/is in use by process \d+\n$/);
    expect(await once(second, 'exit')).toEqual([2, null]);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
  }
}, 60_000);
