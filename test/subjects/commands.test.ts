import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { accountCommand } from '../../bin/commands/account.ts';
import { pointCommand } from '../../bin/commands/point.ts';
import { tenancyCommand } from '../../bin/commands/tenancy.ts';
import { report } from '../../bin/terminal/fail.ts';
import { openPoints } from '../../lambdas/register/open-points.ts';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { ASSET, METER } from './given.ts';

const JOULEKEEP = fileURLToPath(new URL('../../bin/joulekeep.ts', import.meta.url));
const FROM = Date.UTC(2026, 2, 1);
const POINT = [
  'up-0  premises p-0  residential  Europe/London  area north-1',
  `  meter   ${METER}  2026-03-01 00:00 Europe/London .. `,
  '  tenant  acc-a  from 2026-03-01 00:00 Europe/London',
].join('\n');

describe('joulekeep account, point, tenancy', () => {
  const stateDir = temporaryDirectory();
  const open = () => createEmbeddedPlatform({ stateDir, clock: { now: Date.now }, timer: false });
  const run = (...words: string[]) => runHere([...words, '--state', stateDir]);

  beforeAll(async () => {
    const embedded = await open();
    const point = { usagePoint: 'up-0', premises: 'p-0', zone: 'Europe/London', areaLeaf: 'north-1', meterClass: 'residential' as const };
    const meter = { meterId: METER, from: FROM, asset: ASSET };
    await openPoints(embedded.as('enrol'), [{ ...point, meter, tenant: { accountId: 'acc-a', from: FROM } }]);
    await embedded.close();
  });
  afterAll(() => discard(stateDir));

  it('shows a usage point without a reading, and accounts with their tenancies', async () => {
    expect(await run('point', 'show', 'up-0')).toEqual({ status: 0, stdout: `${POINT}\n`, stderr: '' });
    expect((await run('account', 'list')).stdout).toBe('acc-a  open  up-0\n');
    expect((await run('account', 'show', 'acc-a')).stdout).toBe('acc-a  open\n  up-0  2026-03-01T00:00Z .. \n');
    expect(JSON.parse((await run('account', 'show', 'acc-a', '--json')).stdout)).toMatchObject({
      accountId: 'acc-a',
      tenancies: { 'up-0': [{ from: FROM }] },
    });
  });

  it('moves a tenant in and out, in the clock of the usage point', async () => {
    expect(await run('account', 'open', 'acc-b')).toEqual({ status: 0, stdout: 'acc-b is open\n', stderr: '' });
    const start = await run('tenancy', 'start', 'up-0', 'acc-b', '--from', '2026-06-01');
    expect(start).toMatchObject({ status: 0, stdout: `${POINT}\n  tenant  acc-b  from 2026-06-01 00:00 Europe/London\n` });
    expect((await run('tenancy', 'start', 'up-0', 'acc-b', '--from', '2026-05-31T23:00Z')).stdout).toMatch(
      /^nothing changed: it was so already\nup-0 /,
    );
    expect(await run('account', 'close', 'acc-b')).toMatchObject({
      status: 2,
      stderr: 'joulekeep: the account still has a tenancy: end it first\n',
    });
    expect((await run('tenancy', 'end', 'up-0', '--at', '2026-07-01T09:30+01:00')).stdout).toContain(
      '  tenant  utility  from 2026-07-01 09:30 Europe/London\n',
    );
    expect(await run('account', 'close', 'acc-b')).toEqual({ status: 0, stdout: 'acc-b is closed\n', stderr: '' });
    expect((await run('account', 'list')).stdout).toBe('acc-a  open  -\nacc-b  closed  -\n');
  });

  it('corrects a tenancy with reason and name', async () => {
    const words = ['tenancy', 'correct', 'up-0', '--since', '2026-04-01', '--cut', 'utility@2026-05-01', '--reason', 'told late'];
    expect(await run(...words)).toMatchObject({ status: 2, stderr: "error: required option '--by <name>' not specified\n" });
    const { status, stdout } = await run(...words, '--by', 'clerk');
    expect([status, stdout]).toEqual([0, `${POINT}\n  tenant  utility  from 2026-05-01 00:00 Europe/London\n`]);
  });

  it('records the register at a move as it was read, and makes none up', async () => {
    await run('account', 'open', 'acc-r');
    const start = ['tenancy', 'start', 'up-0', 'acc-r', '--from', '2026-08-01'];
    expect((await run(...start, '--read', 'much')).stderr).toBe('joulekeep: --read much: counts of the register, or interpolate\n');
    expect(await run(...start, '--read', 'interpolate')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('not known on both sides'),
    });
    expect((await run(...start, '--read', '4711')).stdout).toContain(`  read    ${METER}  2026-08-01 00:00 Europe/London  measured\n`);
  });

  it.each([
    [['tenancy', 'start', 'up-9', 'acc-a', '--from', '2026-09-01'], 'joulekeep: up-9: there is no such usage point'],
    [['tenancy', 'start', 'up-0', 'acc-9', '--from', '2026-09-01'], 'joulekeep: acc-9: there is no such account'],
    [['tenancy', 'start', 'up-0', 'acc-a', '--from', '2026-02-30'], 'joulekeep: 2026-02-30: a local date'],
    [
      ['tenancy', 'start', 'up-0', 'acc-a', '--from', '2026-09-01T00:01Z'],
      'joulekeep: a tenancy is cut where an interval of 15 minutes begins',
    ],
    [
      ['tenancy', 'correct', 'up-0', '--since', '2026-09-01', '--cut', 'acc-a', '--reason', 'r', '--by', 'b'],
      'joulekeep: acc-a: <account>@<instant>',
    ],
    [['account', 'open', 'a/b'], 'joulekeep: an account id has 1 to 64'],
    [['account', 'show', 'acc-9'], 'joulekeep: acc-9: there is no such account'],
    [['point', 'show', 'up/9'], 'joulekeep: a usage point id has 1 to 64'],
  ])('says in one line what is wrong: %j', async (words, message) => {
    const { status, stdout, stderr } = await run(...words);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd()).not.toContain('\n');
  });

  it('changes nothing beside a service that runs, and shows what there is', async () => {
    const embedded = await open();
    const refused = await run('tenancy', 'start', 'up-0', 'acc-a', '--from', '2026-09-01');
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toMatch(/is in use by process \d+: end that one first\n$/);
    expect((await run('account', 'list')).status).toBe(0);
    await embedded.close();
  });

  it('makes no state directory where there is none', async () => {
    const nowhere = `${stateDir}-none`;
    const { status, stderr } = spawnSync(process.execPath, [JOULEKEEP, 'account', 'open', 'acc-z', '--state', nowhere], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([2, `joulekeep: ${nowhere} holds no recorded streams: give the --state of a service that has run\n`]);
  });

  it.each([
    [['acount'], "joulekeep: unknown command 'acount'\n(Did you mean account?)\n"],
    [['account', 'clse'], "joulekeep: unknown command 'clse'\n(Did you mean close?)\n"],
    [['account', 'open', 'acc-z'], "joulekeep: required option '--state <dir>' not specified\n"],
  ])('says in one voice what is wrong with the words %j', (words, said) => {
    const { status, stderr } = spawnSync(process.execPath, [JOULEKEEP, ...words], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([2, said]);
  });
});

/** The commands in this process: what they print, and the exit code. */
async function runHere(words: readonly string[]) {
  const program = new Command('joulekeep').addCommand(accountCommand()).addCommand(pointCommand()).addCommand(tenancyCommand());
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      said[stream] += String(text);
      return true;
    }),
  );
  for (const command of program.commands.flatMap((one) => [one, ...one.commands])) command.exitOverride();
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = 2;
    else report(error);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  const status = process.exitCode ?? 0;
  process.exitCode = undefined;
  return { status, ...said };
}
