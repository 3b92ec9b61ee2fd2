import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Helper } from './ipc.ts';
import { atMost, median, type Result } from './measure.ts';
import type { RestartAnswer, RestartRequest } from './recovery-process.ts';

const GOAL_S = 5;
const ROUNDS = 3;

type RestartHelper = Helper<RestartRequest, RestartAnswer>;

/**
 * A service with so many commits of 1 KiB behind it is killed while it writes; how long, from the start of its process, until gateway and
 * doors are open again, and until it has recorded its first batch.
 */
export async function restarting(commits: number): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), 'joulekeep-bench-'));
  const stateDir = join(folder, 'state');
  try {
    const body = await killedWhileWriting(stateDir, commits);
    const opened: number[] = [];
    const recorded: number[] = [];
    const processor: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const copy = join(folder, `round-${round}`);
      cpSync(stateDir, copy, { recursive: true });
      const helper: RestartHelper = new Helper('./recovery-process.ts', { env: { NODE_COMPILE_CACHE: join(folder, 'compiled') } });
      const started = performance.now();
      await helper.ask({ type: 'boot', stateDir: copy }, 'booted');
      opened.push((performance.now() - started) / 1000);
      const { cpuSeconds } = await helper.ask({ type: 'first-batch', body }, 'recorded');
      processor.push(cpuSeconds);
      recorded.push((performance.now() - started) / 1000);
      await helper.kill();
      rmSync(copy, { recursive: true, force: true });
    }
    const label = `restart after kill -9, ${commits.toLocaleString('en')} commits`;
    return [
      atMost(`${label}, to the first batch recorded`, median(recorded), 's', GOAL_S),
      { name: 'of which to open gateway and doors', value: median(opened), unit: 's' },
      { name: 'processor time of both', value: median(processor), unit: 's' },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function killedWhileWriting(stateDir: string, commits: number): Promise<string> {
  const helper: RestartHelper = new Helper('./recovery-process.ts');
  const { body } = await helper.ask({ type: 'fill', stateDir, commits }, 'filled');
  // It goes on writing, and dies in the middle.
  const writing = helper.ask({ type: 'go-on' }, 'filled').catch(() => undefined);
  await wait(300);
  await helper.kill();
  await writing;
  return body;
}
