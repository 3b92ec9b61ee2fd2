import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { consentCommand } from '../../bin/commands/consent.ts';
import { report } from '../../bin/terminal/fail.ts';
import { openPoints } from '../../lambdas/register/open-points.ts';
import { openAccount } from '../../lambdas/register/tenancy.ts';
import { Disclosures } from '../../lambdas/third-party/disclosure.ts';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { ASSET, METER } from '../subjects/given.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { deviceKey } from '../support/memory-ca.ts';

const DAY = 86_400_000;
const CLARA = ['--as', 'clara', '--role', 'operator'];
const day = (at: number) => new Date(at).toISOString().slice(0, 10);

describe('joulekeep consent', () => {
  const stateDir = temporaryDirectory();
  const text = join(stateDir, 'agreed.txt');
  const now = Date.now();
  const [from, until] = [now - 30 * DAY, now + 30 * DAY].map(day) as [string, string];
  const open = () => createEmbeddedPlatform({ stateDir, clock: { now: Date.now }, timer: false });
  const run = (...words: string[]) => runHere([...words, '--state', stateDir]);
  const grant = (...more: string[]) =>
    run('grant', 'acc-a', ...CLARA, '--recipient', 'brightly', '--from', from, '--until', until, '--days', '90', '--text', text, ...more);

  beforeAll(async () => {
    const embedded = await open();
    const point = { usagePoint: 'up-0', premises: 'p-0', zone: 'Europe/London', areaLeaf: 'north-1', meterClass: 'residential' as const };
    const meter = { meterId: METER, from: now - 60 * DAY - (now % DAY), asset: ASSET };
    await openPoints(embedded.as('enrol'), [{ ...point, meter, tenant: { accountId: 'acc-a', from: meter.from } }]);
    await embedded.people.issue('clara', 'operator', (await deviceKey('clara')).csr);
    await embedded.close();
    writeFileSync(text, 'I agree.');
  });
  afterAll(() => discard(stateDir));

  it('grants, lists, narrows, shows and revokes', async () => {
    const granted = await grant('--purpose', 'efficiency', '--resolution', 'day');
    expect(granted).toMatchObject({ status: 0, stderr: '' });
    const id = /^(c\S{24}) is granted\n$/.exec(granted.stdout)![1]!;
    const shown = (status: string, resolution: string) =>
      `${id}  ${status}  brightly  efficiency  usage by ${resolution}  data of ${from} .. ${until}  until ${day(Date.now() + 90 * DAY)}\n`;
    expect((await run('list', 'acc-a')).stdout).toBe(shown('granted', 'day'));
    expect(await run('narrow', 'acc-a', id, ...CLARA, '--resolution', 'month')).toMatchObject({ status: 0 });
    expect((await run('list', 'acc-a')).stdout).toBe(shown('granted', 'month'));
    await pull(id);
    const request = `${from} .. ${until} by month`;
    const disclosed = (await run('show', 'acc-a')).stdout;
    expect(disclosed).toMatch(
      /^\d{4}-\d{2}-\d{2}T\S+Z {2}disclosed {2}brightly {2}.* {2}0 rows, sha256 [0-9a-f]{16} {2}request r-9 {2}consent \S+\n$/,
    );
    expect(disclosed).toContain(`  ${request}  `);
    expect(disclosed.endsWith(`consent ${id}\n`)).toBe(true);
    expect(Math.abs(Date.parse(disclosed.split('  ')[0]!) - now)).toBeLessThan(DAY);
    expect(await run('revoke', 'acc-a', id)).toMatchObject({ status: 0, stdout: `${id} is revoked\n` });
    expect((await run('list', 'acc-a')).stdout).toBe(shown('revoked', 'month'));
    expect(await pull(id)).toEqual({ outcome: 'refused', why: 'consent-revoked' });
    const refused = `refused  brightly  ${request}  consent-revoked  request r-9  consent ${id}`;
    expect((await run('show', 'acc-a', id)).stdout.split('\n')[0]).toMatch(new RegExp(`Z  ${refused}$`));
    expect((await run('index')).stdout).toBe('1 consent found\n');
  });

  it('records the text and who took the customer’s word', async () => {
    const embedded = await open();
    const found = [];
    for await (const stream of embedded.as('auditor').events.streams('consent/'))
      for await (const { events } of embedded.as('auditor').events.read(stream)) found.push(...events);
    await embedded.close();
    expect(found[0]).toMatchObject({
      type: 'ConsentGranted',
      data: { textHash: createHash('sha256').update('I agree.').digest('hex'), authMethod: 'word to clara', usagePoints: ['up-0'] },
    });
  });

  it.each([
    [['--purpose', 'bill-check', '--resolution', 'hour'], 'joulekeep: bill-check gets no data by hour'],
    [['--purpose', 'research', '--resolution', 'month'], 'joulekeep: research gets no data by month'],
    [['--purpose', 'efficiency', '--resolution', 'day', '--point', 'up-9'], 'joulekeep: a customer shares data of premises'],
    [['--purpose', 'curiosity', '--resolution', 'day'], 'Allowed choices are bill-check, efficiency, load-shifting, research'],
    [['--purpose', 'efficiency'], "required option '--resolution <finest>' not specified"],
  ])('says in one line what is wrong: %j', async (words, message) => {
    const { status, stdout, stderr } = await grant(...words);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd()).not.toContain('\n');
  });

  it('narrows nothing to more, and no other customer’s', async () => {
    const granted = await grant('--purpose', 'efficiency', '--resolution', 'day');
    const id = granted.stdout.split(' ')[0]!;
    expect((await run('narrow', 'acc-a', id, ...CLARA, '--until', day(now + 60 * DAY))).stderr).toContain('can only be narrowed');
    expect((await run('narrow', 'acc-a', id, ...CLARA)).stderr).toContain('nothing to narrow');
    expect((await run('revoke', 'acc-b', id)).stderr).toContain('there is no such consent of this customer');
  });

  it('C10.1-1: nobody writes down a customer’s word by a name that no certificate in force has in that role', async () => {
    const granted = await grant('--purpose', 'efficiency', '--resolution', 'day');
    const id = granted.stdout.split(' ')[0]!;
    const before = (await run('list', 'acc-a')).stdout;
    for (const who of [
      ['--as', 'eve', '--role', 'operator'],
      ['--as', 'clara', '--role', 'supervisor'],
    ]) {
      for (const refused of [
        await grant('--purpose', 'efficiency', '--resolution', 'day', ...who),
        await run('narrow', 'acc-a', id, '--resolution', 'month', ...who),
      ])
        expect(refused).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('no certificate in force says that') });
    }
    expect((await run('list', 'acc-a')).stdout).toBe(before);
  });

  it.each(['list', 'show'])('%s refuses an account that nobody opened, and says where nothing is on record', async (what) => {
    expect(await run(what, 'acc-z')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('acc-z: there is no such account'),
    });
    const embedded = await open();
    await openAccount(embedded.as('enrol'), `acc-${what}`);
    await embedded.close();
    const nothing = await run(what, `acc-${what}`);
    expect(nothing).toMatchObject({
      status: 0,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^acc-${what}: (no consents|nobody got) .*\\n$`)),
    });
  });

  async function pull(consentId: string) {
    const embedded = await open();
    const disclosures = new Disclosures(embedded.as('third-party-api'), defencesUnderTest());
    const window = { from: Date.parse(from), until: Date.parse(until) };
    const page = await disclosures.disclose({ recipient: 'brightly', consentId, window, resolution: 'month', requestId: 'r-9' });
    await embedded.close();
    return page;
  }
});

/** The command in this process: what it prints, and the exit code. */
async function runHere(words: readonly string[]) {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((written) => {
      said[stream] += String(written);
      return true;
    }),
  );
  process.exitCode = 0;
  try {
    const command = consentCommand();
    for (const one of [command, ...command.commands]) one.exitOverride();
    await new Command('joulekeep')
      .addCommand(command)
      .exitOverride()
      .parseAsync(['consent', ...words], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else report(error);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  const status = process.exitCode;
  process.exitCode = 0;
  return { status, ...said };
}
