import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyView, viewSlot } from '../../domain/meterday/effective.ts';
import type { OpenDay } from '../../domain/meterday/state.ts';
import { localDay, plusDays, provisionalAt } from '../../lambdas/shared/days/local-days.ts';
import { Dice, Life, mortal } from '../property/mortal.ts';
import { HOME } from '../support/sealed-town.ts';
import { ClosingWorld, type Enrolled } from './closing-world.ts';

const DAY = '2026-03-28';
const DAYS = 3;
const METERS = 3;
const LAST = plusDays(DAY, DAYS - 1);
/** Every frame is there by then, and every day is final. */
const END = plusDays(LAST, 5);

interface Parcel {
  readonly meter: number;
  readonly plaintexts: readonly Buffer[];
  /** UTC ms at which it can be there at the earliest. */
  readonly at: number;
}

interface Recording {
  readonly privateKeys: readonly Enrolled[];
  readonly parcels: readonly Parcel[];
}

/** What three meters have to say over the spring switch, hour by hour, seals at the end of each day. */
async function record(): Promise<Recording> {
  const world = new ClosingWorld(localDay(DAY, HOME.zone).start * 1000);
  const meters: Enrolled[] = [];
  for (let i = 0; i < METERS; i++) meters.push(await world.enrol({ firstDay: DAY }));
  const parcels: Parcel[] = [];
  for (let n = 0; n < DAYS; n++) {
    const { start, end } = localDay(plusDays(DAY, n), HOME.zone);
    for (const [meter, one] of meters.entries()) {
      for (let at = start + 900; at <= end; at += 900) {
        one.measure(at, 100 + (((at / 900) * (meter + 3)) % 61));
        if (at % 3600 === 0) parcels.push({ meter, plaintexts: one.frames(at), at: at * 1000 + 60_000 });
      }
      parcels.push({ meter, plaintexts: await one.seals(), at: end * 1000 + 120_000 });
    }
  }
  return { privateKeys: meters, parcels };
}

/** The recorded meters in a world of their own, with the same keys. */
async function replayed({ privateKeys }: Recording): Promise<{ world: ClosingWorld; meters: Enrolled[] }> {
  const world = new ClosingWorld(localDay(DAY, HOME.zone).start * 1000);
  const meters: Enrolled[] = [];
  for (const { options } of privateKeys) meters.push(await world.enrol(options));
  return { world, meters };
}

const view = emptyView();

/** How a day stands, without when and in how many steps it came to that. */
function standingOf({ channels, verified, faults, outcome, final }: OpenDay) {
  return {
    final,
    verified: [verified?.seal, verified?.chain],
    faults,
    outcome: [outcome?.held, outcome?.channels],
    slots: channels.map((channel) =>
      Array.from(channel!.counts, (_, slot) => {
        viewSlot(channel!, slot, true, view);
        return `${view.counts} ${view.source} ${channel!.registers[slot]}`;
      }),
    ),
  };
}

async function standings(world: ClosingWorld) {
  const days = new Map([...(await world.days())].map(([stream, day]) => [stream, standingOf(day)]));
  const { energyWh, readings } = (await world.readings()).totals();
  return { days, energyWh, readings };
}

/** Days of which everything comes in the end. The days behind them are estimates from what was known when they were made. */
function measuredDays<Standing>(days: ReadonlyMap<string, Standing>): Map<string, Standing> {
  return new Map([...days].filter(([stream]) => stream.slice(-10) <= LAST));
}

/** Delivers everything in an order of its own, closing whenever the clock strikes in between; everything at least once. */
async function deliver(recording: Recording, dice: Dice, closings: number): Promise<ClosingWorld> {
  const { world, meters } = await replayed(recording);
  const late = recording.parcels.map((parcel) => ({ ...parcel, at: parcel.at + (dice.chance(30) ? dice.roll(4 * 86_400_000) : 0) }));
  const twice = late.filter(() => dice.chance(10)).map((parcel) => ({ ...parcel, at: parcel.at + dice.roll(86_400_000) }));
  const schedule = [...late, ...twice].sort((a, b) => a.at - b.at);
  const firstClosing = provisionalAt(DAY, HOME.zone);
  const strikes = Array.from({ length: closings }, () => firstClosing + dice.roll(5 * 86_400_000)).sort((a, b) => a - b);
  for (const { meter, plaintexts, at } of schedule) {
    while (strikes.length > 0 && strikes[0]! < at) await world.close(strikes.shift()!);
    await world.say(meters[meter]!, plaintexts, at);
  }
  await world.close(provisionalAt(END, HOME.zone));
  return world;
}

describe('late data and repeated closing', () => {
  it('end in the same state in any order: every slot, verdict and outcome, and the energy of the segment', {
    timeout: 60_000,
  }, async () => {
    const recording = await record();
    const plain = await standings(await deliver(recording, new Dice(1), 0));
    const whole = measuredDays(plain.days);
    expect(whole.size).toBe(METERS * DAYS);
    expect([...whole.values()].every((day) => day.final && day.verified[1] === 'verified')).toBe(true);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 2 ** 31 }), fc.integer({ min: 0, max: 8 }), async (seed, closings) => {
        const other = await standings(await deliver(recording, new Dice(seed), closings));
        expect(measuredDays(other.days)).toEqual(whole);
        expect([other.energyWh, other.readings]).toEqual([plain.energyWh, plain.readings]);
      }),
      { numRuns: 12 },
    );
  });

  it('closed days hold the segment’s readings to the slot', async () => {
    const world = await deliver(await record(), new Dice(7), 3);
    const days = await world.days();
    let slots = 0;
    for (const { meterId, channel, end, energyWh } of (await world.readings()).sorted()) {
      const day = [...days.values()].find(({ frame }) => frame.meterId === meterId && end > frame.start && end <= frame.end)!;
      expect(day.channels[channel]!.counts[(end - day.frame.start) / 900 - 1]! * day.channels[channel]!.perCount).toBe(energyWh);
      slots++;
    }
    expect(slots).toBe(METERS * (96 + 92 + 96));
  });

  it('a crash at any moment costs a pass and nothing else', { timeout: 60_000 }, async () => {
    const recording = await record();
    const plain = await standings(await deliver(recording, new Dice(1), 0));
    let crashes = 0;
    for (let moments = 1; moments < 400; moments += 17) {
      const { world, meters } = await replayed(recording);
      for (const { meter, plaintexts, at } of recording.parcels) await world.say(meters[meter]!, plaintexts, at);
      const life = new Life(new Dice(moments), moments);
      const closing = world.close(provisionalAt(END, HOME.zone), mortal(world.platform, life));
      if ((await Promise.allSettled([closing]))[0].status === 'rejected') crashes++;
      await new Promise((resolve) => setImmediate(resolve));
      world.restart();
      await world.close(provisionalAt(END, HOME.zone));
      expect((await standings(world)).days).toEqual(plain.days);
    }
    expect(crashes).toBeGreaterThan(10);
  });
});
