import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { signInCommand } from '../../bin/commands/sign-in.ts';
import { withState } from '../../bin/service/state.ts';
import { report } from '../../bin/terminal/fail.ts';
import { closeAccount, openAccount } from '../../lambdas/register/tenancy.ts';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';
import { Sessions } from '../../platform/ports/sessions.ts';

const wall = { now: () => Date.now() };
let state: string;
let said: string[];

beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'joulekeep-sign-in-command-'));
  const platform = await createEmbeddedPlatform({ stateDir: state, clock: wall, timer: false });
  await openAccount(platform.as('enrol'), 'account-00001');
  await platform.close();
  said = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said.push(String(text));
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(state, { recursive: true });
});

async function run(...words: string[]): Promise<string> {
  said = [];
  const command = signInCommand();
  for (const one of command.commands) one.exitOverride();
  await command.exitOverride().parseAsync([...words, '--state', state], { from: 'user' });
  return said.join('');
}

const passphraseIn = (text: string) => /passphrase (\S+),/.exec(text)?.[1] ?? '';
const check = (name: string, passphrase: string) =>
  withState(state, async ({ identity }) => (await identity.check(name, passphrase))?.name);

describe('joulekeep sign-in', () => {
  it('C10.2-1: adds, lists, resets and removes, and says each passphrase once', async () => {
    const first = passphraseIn(await run('add', 'anna', '--account', 'account-00001'));
    await run('add', 'oscar', '--role', 'operator');
    expect(await check('anna', first)).toBe('anna');
    const listed = await run('list');
    expect(listed).toBe('anna  account-00001  0 passkeys\noscar  operator  0 passkeys\n');
    const second = passphraseIn(await run('reset', 'anna'));
    expect([await check('anna', first), await check('anna', second)]).toEqual([undefined, 'anna']);
    await run('remove', 'anna');
    expect(await check('anna', second)).toBeUndefined();
    const message = 'anna: no such name may sign in; joulekeep sign-in list shows who may';
    for (const step of ['remove', 'reset']) await expect(run(step, 'anna')).rejects.toMatchObject({ code: 'ERR_SIGN_IN_UNKNOWN', message });
  });

  it.each(['reset', 'remove'])('T8.3-3: %s ends the sessions that were begun before', async (step) => {
    await run('add', 'oscar', '--role', 'operator');
    const begun = {
      person: 'oscar',
      role: 'operator',
      keyThumbprint: 'x',
      signedInAt: Date.now() - 1,
      method: 'passphrase',
      device: 'x',
    } as const;
    const sessions = <T>(work: (sessions: Sessions) => Promise<T>) =>
      withState(state, (platform) => work(new Sessions({ ...platform.as('session'), wall })));
    const { token } = await sessions((open) => open.begin(begun));
    expect(await sessions((open) => open.find(token))).toMatchObject({ person: 'oscar' });
    await run(step, 'oscar');
    expect(await sessions((open) => open.find(token))).toEqual({ refused: 'session-ended' });
  });

  it('refuses an account that nobody opened, or that is closed, and says where to look', async () => {
    await expect(run('add', 'anna', '--account', 'account-00009')).rejects.toThrow(/no such account; joulekeep account list/);
    await expect(run('add', 'anna', '--account', '../meter/x')).rejects.toThrow('an account is named by');
    await withState(state, ({ as }) => closeAccount(as('enrol'), 'account-00001'));
    await expect(run('add', 'anna', '--account', 'account-00001')).rejects.toThrow('the account is closed');
    expect(await run('list')).toBe('');
  });

  it.each([
    ['a name that is none', ['add', 'Anna!', '--role', 'operator']],
    ['a name that is taken', ['add', 'oscar', '--role', 'operator']],
    ['nobody, to be removed', ['remove', 'nobody']],
    ['nobody, to be reset', ['reset', 'nobody']],
  ])('%s is one line and exit code 2', async (_what, words) => {
    await run('add', 'oscar', '--role', 'operator');
    const lines: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
    const before = process.exitCode;
    try {
      report(await run(...words).catch((error: unknown) => error));
      expect([process.exitCode, lines.length]).toEqual([2, 1]);
    } finally {
      process.exitCode = before;
    }
  });

  it('wants an account or a role, and not both', async () => {
    await expect(run('add', 'anna')).rejects.toThrow('either --account or --role');
    await expect(run('add', 'anna', '--account', 'a', '--role', 'operator')).rejects.toThrow('either --account or --role');
  });
});
