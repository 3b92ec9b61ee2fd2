import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { partyOf } from './party-credentials.ts';
import { townOf } from './town.ts';

const ROOT = dirname(dirname(dirname(import.meta.dirname)));
const STARTED_BY_MS = 300_000;
const SMALL_BUT_WHOLE = ['--meters', '120', '--days', '7', '--honest'];

/** One town for every browser test of a run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const state = mkdtempSync(join(tmpdir(), 'joulekeep-web-'));
  const party = await partyOf(state);
  const child = spawn(
    process.execPath,
    ['--max-semi-space-size=64', join(ROOT, 'bin/joulekeep.ts'), 'start', ...SMALL_BUT_WHOLE, '--state', state],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const end = async () => {
    await stopped(child);
    rmSync(state, { recursive: true, force: true });
  };
  try {
    project.provide('town', { ...(await started(child)), party });
  } catch (error) {
    await end();
    throw error;
  }
  return end;
}

type Town = ReturnType<typeof townOf>;

function started(child: ChildProcess): Promise<Town> {
  return new Promise((done, failed) => {
    let said = '';
    const late = setTimeout(() => failed(new Error(`the town does not serve in time; it said:\n${said.slice(-2_000)}`)), STARTED_BY_MS);
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      const town = serving(said);
      if (town === undefined) return;
      clearTimeout(late);
      done(town);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('exit', (code) => failed(new Error(`the town ended with ${code}:\n${said.slice(-2_000)}`)));
  });
}

function serving(said: string): Town | undefined {
  return /^Ctrl-C ends it\.$/m.test(said) ? townOf(said) : undefined;
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGINT');
  const hard = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await ended;
  clearTimeout(hard);
}
