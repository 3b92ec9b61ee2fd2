import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { METER } from '../subjects/given.ts';
import { DATES, POINT, RegisterWorld } from './register-world.ts';

let world: RegisterWorld;
beforeEach(async () => {
  world = await RegisterWorld.make();
  await world.allClosed();
  await world.serve();
  expect(await world.run('bill', 'run', '--period', '2026-10')).toMatchObject({ status: 0, err: '' });
});
afterEach(() => world.end());

const SUE = ['--as', 'sue', '--role', 'supervisor'];
const correct = (from: string, to: string, ...more: string[]) =>
  world.run('point', 'multiplier', POINT, METER, '--to', to, '--from', from, '--reason', 'current transformer', ...SUE, ...more);
/** Of the channel on each day or part of one. */
const energies = async (...names: string[]) =>
  (await world.days(...names.map((name) => `${METER}/${name}`))).map(({ outcome }) => outcome?.channels[0]?.energyWh);

describe('a corrected multiplier', () => {
  it('previews energy and money, restates the days from then on, tells billing, and the bill is rated again when a person has looked', async () => {
    // 292 slots of 10 Wh at 0.25.
    expect((await world.bill()).billed?.statement).toMatchObject({ importWh: '2920', totalMicro: '730000' });
    const preview = await correct('2026-10-25', '2', '--preview');
    expect(preview).toMatchObject({
      status: 0,
      out: 'acc-1  2026-10-01 to 2026-11-01  billed  2920 to 4880 Wh, 0.730000 to 1.220000 GBP (+0.490000)\n',
    });
    expect(await energies(...DATES)).toEqual([960, 1000, 960]);
    const done = await correct('2026-10-25', '2');
    expect(done).toMatchObject({ status: 0, err: '' });
    expect(done.out).toContain('2 closed days looked at again: 2 restated, 0 final anew, 0 streams divided');
    expect(await energies(...DATES)).toEqual([960, 2000, 1920]);
    expect((await world.events(`${METER}/2026-10-25`)).at(-1)).toMatchObject({
      type: 'DayRestated',
      data: { reason: 'current transformer', by: 'sue', before: [{ energyWh: 1000 }], channels: [{ energyWh: 2000, perCount: 2 }] },
    });
    expect((await world.serve()).map(({ type, data }) => [type, data.day])).toEqual([
      ['joulekeep.billing.day-restated.v1', '2026-10-25'],
      ['joulekeep.billing.day-restated.v1', '2026-10-26'],
    ]);
    expect((await world.bill()).held?.reasons).toEqual(['review']);
    expect(await world.approve(SUE)).toMatchObject({ status: 0 });
    expect((await world.bill()).billed?.statement).toMatchObject({ importWh: '4880', totalMicro: '1220000' });
  });

  it('from noon divides that day: each part has its own worth, and together they are the day', async () => {
    const preview = await correct('2026-10-26T12:00Z', '3', '--preview');
    expect(preview.out).toContain('2920 to 3880 Wh, 0.730000 to 0.970000 GBP (+0.240000)');
    const done = await correct('2026-10-26T12:00Z', '3');
    expect(done.out).toContain('1 closed day looked at again: 1 restated, 1 final anew, 2 streams divided');
    expect(await energies('2026-10-26', '2026-10-26.2')).toEqual([480, 1440]);
    const parts = await world.days(`${METER}/2026-10-26`, `${METER}/2026-10-26.2`);
    expect(parts.map(({ final, slots, frame }) => [final, slots, frame.part, frame.subject])).toEqual([
      [true, 48, 1, 'acc-1'],
      [true, 48, 2, 'acc-1'],
    ]);
    expect((await world.serve()).map(({ type, data }) => [type, data.day, data.part])).toContainEqual([
      'joulekeep.billing.day-moved.v1',
      '2026-10-26',
      2,
    ]);
    await world.approve(SUE);
    expect((await world.bill()).billed?.statement).toMatchObject({ importWh: '3880', totalMicro: '970000' });
  });

  it('taken back makes one day of the parts again, and asked twice it does nothing', async () => {
    await correct('2026-10-26T12:00Z', '3');
    await correct('2026-10-26T12:00Z', '1');
    const whole = await world.day(`${METER}/2026-10-26`);
    expect([whole.slots, whole.outcome?.channels[0]?.energyWh]).toEqual([96, 960]);
    expect((await world.state(`${METER}/2026-10-26.2`)).status).toBe('empty');
    const before = (await world.events(`${METER}/2026-10-26`)).length;
    const again = await correct('2026-10-26T12:00Z', '1');
    expect(again.out).toMatch(/^nothing changed: it was so already\n1 closed day looked at again: 0 restated, 0 final anew, 0 streams/);
    expect((await world.events(`${METER}/2026-10-26`)).length).toBe(before);
    expect((await world.bill()).billed?.statement.totalMicro).toBe('730000');
  });

  it.each([
    [['2026-10-25T00:07Z', '2'], 'a multiplier is valid from where an interval of 15 minutes begins'],
    [['2026-10-01', '2'], `meter ${METER} is not installed at this usage point at that time`],
    [['2026-10-25', '0'], 'a number above 0'],
    [['2026-10-25', '1.5'], 'a count would be worth 1.5 units'],
  ])('says in one line what is wrong: %j', async ([from, to], message) => {
    const { status, out, err } = await correct(from!, to!);
    expect([status, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(err.trimEnd()).not.toContain('\n');
  });

  it('is a supervisor with a certificate who corrects', async () => {
    const words = ['point', 'multiplier', POINT, METER, '--to', '2', '--from', '2026-10-25', '--reason', 'x'];
    expect((await world.run(...words, '--as', 'ann', '--role', 'operator')).err).toContain('--role operator: supervisor is expected');
    expect((await world.run(...words, '--as', 'ann', '--role', 'supervisor')).err).toContain('no certificate in force says');
  });
});
