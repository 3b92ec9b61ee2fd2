import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RegisterStep, registerAt } from '../../domain/meterday/register-at.ts';
import { usagePointState } from '../../lambdas/register/change-point.ts';
import { interpolatedReads } from '../../lambdas/register/interpolated-read.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import { closePart, frameOf, openHomes } from '../billing/closed-homes.ts';
import { all } from '../contract/support/events.ts';
import { discard } from '../contract/support/state.ts';
import { type SealedWorld, sealedWorld, ZONE } from './sealed-days.ts';

describe('the register at an instant', () => {
  const step = (end: number, counts: number, register = -1): RegisterStep => ({ end, counts, register });

  it.each<[string, RegisterStep[], number | undefined]>([
    ['as the meter said it', [step(0, -1, 5), step(900, 3, 8), step(1800, 2, 10)], 8],
    ['by the energy around it', [step(0, -1, 100), step(900, 10), step(1800, 30, 140)], 110],
    ['by energy scaled to the registers', [step(0, -1, 100), step(900, 10), step(1800, 30, 180)], 120],
    ['by time where a slot has no value', [step(0, -1, 100), step(900, -1), step(1800, 30, 140)], 120],
    ['over the last digit', [step(0, -1, 990), step(900, 15), step(1800, 5, 10)], 5],
    ['not where one side is unknown', [step(0, -1), step(900, 10), step(1800, 30, 140)], undefined],
    ['not beyond what is known', [step(0, -1, 100), step(600, 10, 110)], undefined],
  ])('%s', (_, steps, register) => {
    expect(registerAt(steps, 900, 1000)).toBe(register);
  });

  it('lies between its neighbours, and is exact wherever every slot was measured', () => {
    const slots = fc.array(fc.nat(5_000), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(slots, fc.nat(), fc.nat(9_000_000), (counts, pick, start) => {
        let register = start;
        const registers = counts.map((count) => (register += count));
        const steps = [
          step(0, -1, start),
          ...counts.map((count, i) => step((i + 1) * 900, count, i === counts.length - 1 ? register : -1)),
        ];
        const i = pick % counts.length;
        expect(registerAt(steps, (i + 1) * 900, 1e9)).toBe(registers[i]);
      }),
    );
  });
});

describe('an interpolated reading at a move', () => {
  let world: SealedWorld;
  beforeEach(async () => {
    world = await sealedWorld();
    await openHomes(world.as);
    await closePart(world.as, frameOf('home-1', '2026-10-24'), 10, { gap: [40, 41] });
  });
  afterEach(() => {
    world.state.close();
    discard(world.state.directory);
  });
  const readAt = async (instant: number) =>
    interpolatedReads(world.as('billing'), await usagePointState(world.as('enrol'), 'home-1'), instant);

  it('comes from the closed day, behind a record of the access', async () => {
    const instant = localDay('2026-10-24', ZONE).start * 1000 + 41 * 900_000;
    expect(await readAt(instant)).toEqual([
      { meterId: '00124b0000000001', instant, registers: [{ channel: 0, counts: 410 }], kind: 'interpolated' },
    ]);
    const accesses = (await all(world.as('billing').events.read('access/2026-11-01.billing'))).flatMap(({ events }) => [...events]);
    expect(accesses.at(-1)).toMatchObject({ data: { purpose: 'billing', subjects: ['acc-home-1'] } });
  });

  it('is not made up where no day is closed', async () => {
    await expect(readAt(localDay('2026-12-24', ZONE).start * 1000)).rejects.toMatchObject({ code: 'ERR_MOVE_READ' });
  });
});
