import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LoggedState } from './logged-state.ts';

const JOULEKEEP = fileURLToPath(new URL('../../bin/joulekeep.ts', import.meta.url));
let state: LoggedState;

beforeAll(async () => {
  state = new LoggedState();
  await state.grow(2);
}, 60_000);
afterAll(() => state.discard());

/** As under `| head -0`: nobody reads what it says. */
async function unread(...words: string[]): Promise<unknown> {
  const child = spawn(process.execPath, [JOULEKEEP, ...words, '--state', state.directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.destroy();
  const [code] = await once(child, 'exit');
  return code;
}

describe('a command whose output nobody reads to its end', () => {
  it('C10.1-7: verify says by its exit code what it found', async () => {
    expect(await unread('verify')).toBe(0);
    state.tamper((database) => database.exec("UPDATE commits SET body = zeroblob(length(body)) WHERE stream = 'segment/00002'"));
    expect(await unread('verify')).toBe(1);
  }, 60_000);

  it('one that only shows things has done what was wanted', async () => {
    expect(await unread('stream', 'list')).toBe(0);
  }, 60_000);
});
