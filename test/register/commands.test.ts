import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import { METER, OTHER_METER } from '../subjects/given.ts';
import { DATES, POINT, RegisterWorld, ZONE } from './register-world.ts';

let world: RegisterWorld;
beforeEach(async () => {
  world = await RegisterWorld.make();
});
afterEach(() => world.end());

const ANN = ['--as', 'ann', '--role', 'operator'];
const SUE = ['--as', 'sue', '--role', 'supervisor'];
const OCTOBER = ['--period', '2026-10'];
const day = localDay('2026-10-26', ZONE);
const NOON = day.start + 12 * 3600;

describe('joulekeep point', () => {
  it('list says of every usage point what hangs there, whose it is and by which tariff', async () => {
    expect(await world.run('point', 'list')).toEqual({ status: 0, out: `${POINT}  residential  ${METER}  utility  flat\n`, err: '' });
    const [point] = (await world.run('point', 'list', '--json')).out.trim().split('\n');
    expect(JSON.parse(point!)).toMatchObject({ usagePoint: POINT, tariffs: [{ tariff: 'flat', from: '2026-10-01' }] });
  });

  it('tariff previews money, assigns once, and a bill that went out takes the new prices when a supervisor says so', async () => {
    await world.allClosed();
    await world.run('bill', 'run', ...OCTOBER);
    const change = ['point', 'tariff', POINT, 'dear', '--from', '2026-10-26', ...ANN];
    expect((await world.run(...change, '--preview')).out).toBe(
      'acc-1  2026-10-01 to 2026-11-01  billed  2920 to 2920 Wh, 0.730000 to 0.970000 GBP (+0.240000)\n',
    );
    expect((await world.run(...change)).out).toContain('  tariff  dear  from 2026-10-26\n');
    expect((await world.run(...change)).out).toMatch(/^nothing changed/);
    expect((await world.bill()).billed?.statement.totalMicro).toBe('730000');
    const approve = ['bill', 'approve', 'acc-1', ...OCTOBER, ...SUE, '--reason', 'told late', '--reprice'];
    expect(await world.run(...approve)).toMatchObject({ status: 0 });
    expect((await world.bill()).billed?.statement.totalMicro).toBe('970000');
    expect(await world.run('point', 'tariff', POINT, 'none', '--from', '2026-10-26', ...ANN)).toMatchObject({
      status: 2,
      err: 'joulekeep: tariff none was never published: joulekeep tariff publish FILE\n',
    });
    const early = await world.run('point', 'tariff', POINT, 'flat', '--from', '2026-09-01', ...ANN);
    expect(early).toMatchObject({ status: 2, err: expect.stringContaining('flat has no version that holds on 2026-09-01') });
  });

  it('exchange, told late, divides the day at it and bills both meters; asked twice it does nothing', async () => {
    for (const date of DATES) await world.closed(date, 10);
    // Until somebody says where it hangs, the days of a meter are the utility's own.
    await world.closed('2026-10-26', 30, { meterId: OTHER_METER, usagePoint: OTHER_METER, subject: 'utility' });
    await world.serve();
    await world.run('bill', 'run', ...OCTOBER);
    const words = ['point', 'exchange', POINT, METER, OTHER_METER, '--at', '2026-10-26T12:00Z', ...ANN];
    const registers = ['--final', '480', '--initial', '1440'];
    const preview = await world.run(...words, ...registers, '--preview');
    expect(preview.out).toContain('2920 to 3880 Wh, 0.730000 to 0.970000 GBP (+0.240000)');
    const done = await world.run(...words, ...registers);
    expect(done.out).toContain('1 closed day looked at again: ');
    expect(done.out).toContain('1 closed day of the new meter is sealed again');
    expect(done.out).toContain(`  meter   ${OTHER_METER}  2026-10-26 12:00 Europe/London .. `);
    await world.serve();
    expect((await world.bill()).held?.reasons).toContain('not-final');
    const told = await world.serve(4);
    const parts = await world.days(`${METER}/2026-10-26`, `${OTHER_METER}/2026-10-26`);
    expect(
      parts.map(({ frame, outcome }) => [frame.start, frame.end, frame.usagePoint, frame.subject, outcome?.channels[0]?.energyWh]),
    ).toEqual([
      [day.start, NOON, POINT, 'acc-1', 480],
      [NOON, day.end, POINT, 'acc-1', 1440],
    ]);
    expect(told.map(({ type, data }) => [type, data.meterId])).toContainEqual(['joulekeep.billing.day-moved.v1', OTHER_METER]);
    expect((await world.bill()).held?.reasons).toEqual(['review']);
    await world.approve(SUE);
    expect((await world.bill()).billed?.statement).toMatchObject({ importWh: '3880', totalMicro: '970000' });
    expect((await world.run(...words, ...registers)).out).toMatch(
      /^nothing changed: it was so already\n1 closed day looked at again: 0 restated, 0 final anew, 0/,
    );
  });

  it.each([
    [[METER, 'ffffffffffffffff', '--at', '2026-10-26'], 'ffffffffffffffff: no such meter is enrolled'],
    [[OTHER_METER, OTHER_METER, '--at', '2026-10-26'], `meter ${OTHER_METER} is not installed`],
    [[METER, OTHER_METER, '--at', '2026-10-26T12:01Z'], 'a meter is removed where an interval of 15 minutes begins'],
    [[METER, OTHER_METER, '--at', '2026-10-26', '--final', 'many'], 'counts like 123456,77'],
    [[METER, OTHER_METER, '--at', '2026-10-26', '--final', '1,2'], 'register 2 of channel 1: no such channel'],
  ])('exchange says in one line what is wrong: %j', async (words, message) => {
    const { status, out, err } = await world.run('point', 'exchange', POINT, ...words, ...ANN);
    expect([status, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(err.trimEnd()).not.toContain('\n');
  });
});

describe('joulekeep point disconnect, reconnect', () => {
  it('say off and on in turn, forward, by somebody with a reason', async () => {
    const switched = (name: string, at: string) => world.run('point', name, POINT, '--at', at, '--reason', 'unpaid', ...ANN);
    expect((await switched('reconnect', '2026-10-25')).err).toBe('joulekeep: home-1: the supply is on already\n');
    expect((await switched('disconnect', '2026-10-25')).out).toContain('  off     2026-10-25 00:00 Europe/London .. \n');
    expect((await switched('disconnect', '2026-10-25')).out).toMatch(/^nothing changed/);
    expect((await switched('disconnect', '2026-10-26')).err).toBe('joulekeep: home-1: the supply is off already\n');
    expect((await switched('reconnect', '2026-10-24')).err).toBe('joulekeep: home-1: the supply was switched later than that already\n');
    expect((await switched('reconnect', '2026-10-25T10:00Z')).out).toContain('.. 2026-10-25 10:00 Europe/London\n');
    expect((await switched('disconnect', '2026-10-26T00:01Z')).err).toContain(
      'a supply is switched where an interval of 15 minutes begins',
    );
  });
});

describe('joulekeep settlement', () => {
  it('run takes days as they stand; show gives them as they were then, whatever came later', async () => {
    await world.allClosed();
    const window = ['--from', '2026-10-24', '--days', '3', ...ANN];
    expect((await world.run('settlement', 'run', 'SF', ...window)).out).toBe(
      'SF: 3 days taken now, 0 before, 0 of them provisional; 0 not closed yet\n',
    );
    expect((await world.run('settlement', 'run', 'SF', ...window)).out).toContain('SF: 0 days taken now, 3 before');
    const correct = ['point', 'multiplier', POINT, METER, '--to', '2', '--from', '2026-10-26', '--reason', 'CT', ...SUE];
    expect((await world.run(...correct)).status).toBe(0);
    await world.run('settlement', 'run', 'R1', ...window);
    const sums = async (run: string) => (await world.run('settlement', 'show', run, ...window)).out.trim().split('\n').at(-1);
    expect([await sums('SF'), await sums('R1')]).toEqual(['sum  2920 import Wh', 'sum  3880 import Wh']);
    const { out } = await world.run('settlement', 'show', 'SF', ...window);
    expect(out).toContain(`${POINT}  ${METER}  2026-10-26  channel 0 import  960 Wh  revision 1, final\n`);
    expect(await world.run('settlement', 'show', 'R9', ...window)).toMatchObject({
      status: 2,
      err: expect.stringContaining('R9 took no day'),
    });
    expect((await world.run('settlement', 'run', 'S F', ...window)).err).toContain('1 to 32 of');
    const accesses = (await world.accesses('editing')).filter(({ purpose }) => purpose === 'settlement');
    expect(new Set(accesses.map(({ person }) => person))).toEqual(new Set(['ann']));
  });

  it('a day that a corrected multiplier divided is still there as the run took it', async () => {
    await world.allClosed();
    const window = ['--from', '2026-10-26', '--days', '1', ...ANN];
    await world.run('settlement', 'run', 'SF', ...window);
    await world.run('point', 'multiplier', POINT, METER, '--to', '2', '--from', '2026-10-26T12:00Z', '--reason', 'CT', ...SUE);
    expect((await world.run('settlement', 'show', 'SF', ...window)).out).toContain('sum  960 import Wh');
  });
});

describe("a settlement run over a day that became somebody else's", () => {
  it('is still there, though the key it was taken under is destroyed', async () => {
    await world.allClosed();
    const window = ['--from', '2026-10-24', '--days', '3', ...ANN];
    await world.run('settlement', 'run', 'SF', ...window);
    const correct = ['--since', '2026-10-24', '--cut', 'utility@2026-10-24', '--reason', 'never moved in', '--by', 'ann'];
    expect((await world.run('tenancy', 'correct', POINT, ...correct)).status).toBe(0);
    await world.serve(4);
    expect((await world.day(`${METER}/2026-10-24`)).frame.subject).toBe('utility');
    expect((await world.run('settlement', 'show', 'SF', ...window)).out).toContain('sum  2920 import Wh');
  });
});

describe('joulekeep day finalize', () => {
  it('makes a provisional day final with its flags, by a supervisor with a reason, and billing is told', async () => {
    await world.closed('2026-10-24', 10);
    await world.closed('2026-10-25', 10);
    await world.provisional('2026-10-26', 10, [40, 41]);
    const name = `${METER}/2026-10-26`;
    const finalize = ['day', 'finalize', METER, '2026-10-26', '--reason', 'communication-fault', '--note', 'meter is gone'];
    expect((await world.day(name)).final).toBe(false);
    expect((await world.run(...finalize, ...ANN)).err).toContain('Not allowed');
    const preview = await world.run(...finalize, ...SUE, '--preview');
    expect(preview.out).toContain('channel 0 import: 960 Wh, 94 measured, 2 estimated');
    expect((await world.day(name)).final).toBe(false);
    expect(await world.run(...finalize, ...SUE)).toMatchObject({ status: 0, out: expect.stringMatching(/^finalized; revision 2/) });
    expect((await world.day(name)).final).toBe(true);
    expect((await world.events(name)).at(-1)).toMatchObject({
      type: 'DayFinalized',
      data: { word: { by: 'sue', reason: 'communication-fault', note: 'meter is gone' } },
    });
    expect((await world.run(...finalize, ...SUE)).out).toMatch(/^unchanged/);
    expect((await world.serve()).map(({ type, data }) => [type, data.day])).toContainEqual([
      'joulekeep.billing.day-finalized.v1',
      '2026-10-26',
    ]);
    await world.run('bill', 'run', ...OCTOBER);
    expect((await world.bill()).billed?.statement.importWh).toBe('2920');
  });
});
