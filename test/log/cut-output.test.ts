import { spawnSync } from 'node:child_process';
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

/** Through a pipe whose reader is gone before anything is said. */
function unread(...words: string[]): number | null {
  const args = [process.execPath, JOULEKEEP, ...words, '--state', state.directory];
  return spawnSync('bash', ['-c', 'set -o pipefail; "$@" | true', 'bash', ...args]).status;
}

describe('a command whose output nobody reads to its end', () => {
  it('C10.1-7: verify says by its exit code what it found', () => {
    expect(unread('verify')).toBe(0);
    state.tamper((database) => database.exec("UPDATE commits SET body = zeroblob(length(body)) WHERE stream = 'segment/00002'"));
    expect(unread('verify')).toBe(1);
  }, 60_000);

  it('one that only shows things has done what was wanted', () => {
    expect(unread('stream', 'list')).toBe(0);
  }, 60_000);
});
