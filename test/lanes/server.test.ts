import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePort, launch } from '../../tools/lanes/server.ts';
import { launchServer } from './support/launching.ts';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function firstOutput(child: ChildProcess): Promise<string> {
  const [chunk] = await once(child.stdout!, 'data');
  return String(chunk);
}

describe('A server of a lane', () => {
  it('ends with everything it started, also what has a session of its own', async () => {
    const server = await launchServer(await freePort());
    const pids: number[] = JSON.parse(await (await fetch(server.endpoint)).text());
    expect(pids.map(isAlive)).toEqual([true, true]);
    await server.stop();
    await expect.poll(() => pids.map(isAlive), { timeout: 20_000 }).toEqual([false, false]);
    await server.stop();
  });

  it('ends when the run that started it is killed and can do nothing about it', async () => {
    const run = spawn(process.execPath, [join(import.meta.dirname, 'support/abandoning.ts'), String(await freePort())]);
    const pids: number[] = JSON.parse(await firstOutput(run));
    expect(pids.map(isAlive)).toEqual([true, true]);
    run.kill('SIGKILL');
    await expect.poll(() => pids.map(isAlive), { timeout: 20_000 }).toEqual([false, false]);
  });

  it('that ends before it is ready says why in one line', async () => {
    const failing = launch({
      name: 'a server',
      command: process.execPath,
      args: ['-e', 'process.stderr.write("first\\nno such module\\n"); process.exitCode = 3'],
      env: {},
      cwd: tmpdir(),
      log: join(tmpdir(), `joulekeep-lane-${process.pid}.log`),
      endpoint: 'http://127.0.0.1:1',
      isReady: async () => false,
      readyWithinMs: 30_000,
    });
    await expect(failing).rejects.toThrow(/^a server ended before it was ready: no such module; its log is /);
  });
});
