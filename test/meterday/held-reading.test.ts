import { describe, expect, it } from 'vitest';
import type { OpenDay } from '../../domain/meterday/state.ts';
import { NO_COUNTS } from '../../events/index.ts';
import { localDay, provisionalAt } from '../../lambdas/shared/days/local-days.ts';
import { HOME } from '../support/sealed-town.ts';
import { ClosingWorld, type Enrolled } from './closing-world.ts';

const DAY = '2026-01-15';
const { start, end } = localDay(DAY, HOME.zone);
const BAD = start + 12 * 3600;
/** A channel in which one count is 100 kWh: 10,000 counts in one interval are 1 GWh. */
const GRID_SCALE = { ...HOME, channels: [{ ...HOME.channels[0]!, scale: 100_000 }] };
const STEADY = 200;

type Change = (at: number) => { value: number | null; advance?: number };

async function dayOf(world: ClosingWorld, meter: Enrolled, change: Change): Promise<void> {
  for (let at = start + 900; at <= end; at += 900) {
    const { value, advance } = change(at);
    meter.measure(at, value, advance ?? value ?? 0);
    if (at % 3600 === 0) await world.say(meter, meter.frames(at), at * 1000 + 90_000);
  }
  await world.say(meter, await meter.seals(), end * 1000 + 900_000);
}

async function closedDays(homes: readonly { asset?: typeof HOME; change: Change }[]): Promise<OpenDay[]> {
  const world = new ClosingWorld(start * 1000);
  const meters: Enrolled[] = [];
  for (const { asset } of homes) meters.push(await world.enrol({ firstDay: DAY, ...(asset && { asset }) }));
  for (const [i, { change }] of homes.entries()) await dayOf(world, meters[i]!, change);
  await world.close(provisionalAt(DAY, HOME.zone));
  return Promise.all(meters.map(({ options }) => world.day(options.meterId, DAY)));
}

const steady: Change = () => ({ value: STEADY });
const total = (days: readonly OpenDay[]): number => days.reduce((sum, { outcome }) => sum + outcome!.channels[0]!.energyWh, 0);

describe('T8-P6: the held reading and the band', () => {
  it('T8-P6: an authentic gigawatt-hour is held: not in the billable energy, the area total of the others unchanged, the counts say so', async () => {
    const without = await closedDays([{ change: steady }, { change: steady }]);
    const days = await closedDays([
      { change: steady },
      { change: steady },
      { asset: GRID_SCALE, change: (at) => ({ value: at === BAD ? 10_000 : 0 }) },
    ]);
    const bad = days[2]!;
    expect(bad.channels[0]!.counts[47]).toBe(10_000);
    expect(bad.outcome).toMatchObject({ held: true, channels: [{ energyWh: 0, held: 1, measured: 95, missing: 0 }] });
    expect(bad.final).toBe(false);
    expect(total(days)).toBe(total(without));
  });

  it('T8-P6: beyond the fuse in the home itself: held, and the home counts without it', async () => {
    const [day] = await closedDays([{ change: (at) => ({ value: at === BAD ? 30_000 : STEADY }) }]);
    expect(day!.outcome).toMatchObject({ held: true, channels: [{ energyWh: 95 * STEADY, held: 1, measured: 95 }] });
  });

  it('T8-P6: negative import, as a signed meter sends it: held', async () => {
    const [day] = await closedDays([{ change: (at) => ({ value: at === BAD ? 0x1_0000 - 500 : STEADY }) }]);
    expect(day!.outcome).toMatchObject({ held: true, channels: [{ energyWh: 95 * STEADY, held: 1 }] });
  });

  it('T8-P6: no reading at all is no zero: estimated from the register, flagged, never measured', async () => {
    const [day] = await closedDays([{ change: (at) => (at === BAD ? { value: null, advance: 777 } : { value: STEADY }) }]);
    expect(day!.channels[0]!.counts[47]).toBe(NO_COUNTS);
    expect(day!.outcome).toMatchObject({ channels: [{ energyWh: 95 * STEADY + 777, measured: 95, estimated: 1, missing: 0 }] });
    expect(day!.final).toBe(false);
  });

  it('a plausible +30 % passes every rule of the single meter: measured, verified, final. What it is against the area is another question', async () => {
    const [day] = await closedDays([{ change: () => ({ value: STEADY * 1.3 }) }]);
    expect(day).toMatchObject({
      final: true,
      outcome: { held: false, channels: [{ energyWh: 96 * STEADY * 1.3, measured: 96, held: 0 }] },
    });
  });
});
