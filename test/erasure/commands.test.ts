import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { erasureCommand } from '../../bin/commands/erasure.ts';
import { openPoints } from '../../lambdas/register/open-points.ts';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { ASSET } from '../subjects/given.ts';
import { deviceKey } from '../support/memory-ca.ts';

const JOULEKEEP = fileURLToPath(new URL('../../bin/joulekeep.ts', import.meta.url));
let directory: string;

beforeEach(async () => {
  directory = temporaryDirectory();
  const platform = await createEmbeddedPlatform({ stateDir: directory, clock: { now: Date.now }, timer: false });
  const point = { premises: 'p', zone: 'Europe/London', areaLeaf: 'n', meterClass: 'residential' as const };
  const meter = { meterId: '00124b0000000001', from: 0, asset: ASSET };
  await openPoints(platform.as('enrol'), [{ usagePoint: 'up-1', ...point, meter, tenant: { accountId: 'acc-1', from: 0 } }]);
  for (const [name, role] of [
    ['ann', 'operator'],
    ['bob', 'supervisor'],
    ['sid', 'security-officer'],
  ] as const)
    await platform.people.issue(name, role, (await deviceKey(name)).csr);
  await platform.close();
});
afterEach(() => discard(directory));

const ANN = ['--as', 'ann', '--role', 'operator'];
const BOB = ['--as', 'bob', '--role', 'supervisor'];
const HOLD = ['--hold', 'h-1'];

function erasure(name: string, ...words: string[]) {
  const args = ['erasure', name, '--state', directory, '--account', 'acc-1', ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, [JOULEKEEP, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('joulekeep erasure', () => {
  it('asks, says how it stands, holds and releases by two people, and takes back', () => {
    expect(erasure('status').stdout).toBe('nobody has asked for an erasure\n');
    for (const words of [['status'], ['request', ...ANN], ['hold', ...ANN, ...HOLD, '--law', 'x']] as const) {
      const { status, stderr } = erasure(words[0], ...words.slice(1), '--account', 'nope');
      expect([status, stderr]).toEqual([2, expect.stringContaining('nope: there is no such account; joulekeep account list shows')]);
    }
    const asked = erasure('request', ...ANN);
    expect(asked.stdout).toMatch(
      /^erasure: requested\nnothing is destroyed before \d{4}-\d\d-\d\d\nwaits for the tenancy to end: .+\n(still there: [a-z-]+, at least until .+\n)+complete: not known yet\n$/,
    );
    expect(erasure('request', ...BOB).stdout).toMatch(/^asked already, by ann, on \d{4}-\d\d-\d\d\nerasure: requested\n/);
    expect(erasure('hold', ...ANN, ...HOLD, '--law', 'an audit').stdout).toMatch(
      /^h-1 holds everything of acc-1 [\s\S]+\nheld: h-1, an audit, by ann\n/,
    );
    expect(erasure('release', ...ANN, ...HOLD)).toMatchObject({ status: 2, stdout: '' });
    expect(erasure('release', ...BOB, ...HOLD).stdout).not.toContain('held');
    const takenBack = /^the erasure that was asked for was taken back on \d{4}-\d\d-\d\d by ann\n$/;
    expect(erasure('withdraw', ...ANN)).toMatchObject({ status: 0, stdout: expect.stringMatching(takenBack) });
    expect(erasure('status').stdout).toMatch(takenBack);
    expect(erasure('request', ...BOB).stdout).toMatch(/^erasure: requested\n/);
  }, 120_000);

  it('C10.1-1: nobody asks for it, takes it back or holds it by a name that no certificate in force has in that role', async () => {
    const here = async (name: string, ...words: readonly string[]) => {
      const command = erasureCommand();
      for (const one of command.commands) one.exitOverride();
      await command.parseAsync([name, '--state', directory, '--account', 'acc-1', ...words], { from: 'user' });
    };
    for (const [name, ...words] of [['request'], ['withdraw'], ['hold', ...HOLD, '--law', 'an audit'], ['release', ...HOLD]] as const) {
      await expect(here(name, ...words, '--as', 'eve', '--role', 'operator'), name).rejects.toThrow('no certificate in force says that');
      await expect(here(name, ...words, '--as', 'ann', '--role', 'supervisor'), name).rejects.toThrow('no certificate in force says that');
      await expect(here(name, ...words, '--as', 'sid', '--role', 'security-officer'), name).rejects.toThrow('operator or supervisor is');
    }
    expect(erasure('status').stdout).toBe('nobody has asked for an erasure\n');
  }, 120_000);
});
