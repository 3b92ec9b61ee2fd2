import { describe, expect, it } from 'vitest';
import { energyOfDays } from '../../bin/town/day-readings.ts';
import { nextClosing } from '../../bin/town/next-closing.ts';
import { finalAt, localDay, plusDays, provisionalAt } from '../../lambdas/shared/days/local-days.ts';
import { type MeterPoint, pointKey } from '../../lambdas/shared/days/points.ts';
import { HOME } from '../support/sealed-town.ts';
import { ClosingWorld, type Enrolled } from './closing-world.ts';

const DAY = '2026-01-15';
const ZONE = 'Europe/London';
const valueAt = (end: number): number => 50 + ((end / 900) % 41);

interface Played {
  readonly world: ClosingWorld;
  readonly meter: Enrolled;
}

async function enrolled(firstDay = DAY, asset = HOME): Promise<Played> {
  const world = new ClosingWorld(localDay(firstDay, asset.zone).start * 1000);
  return { world, meter: await world.enrol({ firstDay, asset }) };
}

/** Measures a day and sends it hour by hour; what `lost` says of a frame's last end does not arrive. @returns the sum */
async function playDay({ world, meter }: Played, day: string, lost: (end: number) => boolean = () => false): Promise<number> {
  const { asset } = meter.options;
  const { start, end } = localDay(day, asset.zone);
  let sum = 0;
  for (let at = start + 900; at <= end; at += 900) {
    meter.measure(at, valueAt(at));
    sum += valueAt(at);
    if (at % 3600 === 0 || at === end) {
      const frames = meter.frames(at).filter((frame) => !lost(frame.readUInt32BE(4)));
      await world.say(meter, frames, at * 1000 + 90_000);
    }
  }
  return sum;
}

async function sealDay({ world, meter }: Played): Promise<void> {
  await world.say(meter, await meter.seals(), world.world.clock.now() + 900_000);
}

describe('closing a segment', () => {
  it('a day that arrived whole is verified against chain and seal, and final at 07:00', async () => {
    const played = await enrolled();
    const { world, meter } = played;
    const sum = await playDay(played, DAY);
    await sealDay(played);
    const at = provisionalAt(DAY, ZONE);
    expect(await world.close(at - 1)).toMatchObject({ days: 0, commits: 0 });
    expect(await world.close(at)).toMatchObject({ days: 1, commits: 1, finalized: 1 });
    const day = await world.day(meter.options.meterId, DAY);
    expect(day).toMatchObject({ final: true, faults: [], verified: { seal: 'verified', chain: 'verified' } });
    expect(day.outcome).toMatchObject({ held: false, channels: [{ energyWh: sum, measured: 96, missing: 0, estimated: 0 }] });
  });

  it('closing again records nothing, with or without what the first run remembered', async () => {
    const played = await enrolled();
    const { world, meter } = played;
    await playDay(played, DAY);
    await sealDay(played);
    const at = provisionalAt(DAY, ZONE);
    await world.close(at);
    expect(await world.close(at + 3_600_000)).toMatchObject({ days: 0 });
    await world.platform.directory.put([{ key: 'close/00000', value: Buffer.from([0xa0]) }]);
    world.restart();
    expect(await world.close(at + 7_200_000)).toMatchObject({ days: 1, commits: 0 });
    expect(await world.commits(`meterday/${meter.options.meterId}/${DAY}`)).toHaveLength(1);
  });

  it('what is missing is estimated, provisional; when it comes late the day is verified and final', async () => {
    const played = await enrolled();
    const { world, meter } = played;
    const noon = localDay(DAY, ZONE).start + 12 * 3600;
    const sum = await playDay(played, DAY, (end) => end === noon);
    await sealDay(played);
    await world.close(provisionalAt(DAY, ZONE));
    const before = await world.day(meter.options.meterId, DAY);
    expect([before.final, before.verified]).toMatchObject([false, { seal: 'verified', chain: 'unverified' }]);
    expect(before.outcome?.channels[0]).toMatchObject({ energyWh: sum, measured: 92, estimated: 4 });
    await playDay(played, plusDays(DAY, 1));
    await world.say(meter, meter.resend(noon - 2700, noon));
    await world.close(provisionalAt(plusDays(DAY, 1), ZONE));
    const after = await world.day(meter.options.meterId, DAY);
    expect(after).toMatchObject({ final: true, verified: { chain: 'verified' }, outcome: { channels: [{ energyWh: sum, measured: 96 }] } });
  });

  it('without its seal a day is final at D+5 07:00, with its flags', async () => {
    const played = await enrolled();
    const { world, meter } = played;
    for (let n = 0; n < 5; n++) {
      const day = plusDays(DAY, n);
      await playDay(played, day);
      await world.close(provisionalAt(day, ZONE));
      if (n < 4) expect((await world.day(meter.options.meterId, DAY)).final).toBe(false);
    }
    expect(world.world.clock.now()).toBe(finalAt(DAY, ZONE));
    expect(await world.day(meter.options.meterId, DAY)).toMatchObject({ final: true, verified: { seal: 'absent' } });
  });

  it('data that comes after the day was final states it again', async () => {
    const played = await enrolled();
    const { world, meter } = played;
    const noon = localDay(DAY, ZONE).start + 12 * 3600;
    const sum = await playDay(played, DAY, (end) => end >= noon);
    for (let n = 1; n <= 5; n++) {
      await playDay(played, plusDays(DAY, n));
      if (n === 5) await world.say(meter, meter.resend(noon - 2700, localDay(DAY, ZONE).end));
      await world.close(provisionalAt(plusDays(DAY, n), ZONE));
    }
    const commits = await world.commits(`meterday/${meter.options.meterId}/${DAY}`);
    expect(commits.at(-1)!.events.at(-1)).toMatchObject({
      type: 'DayRestated',
      data: { reason: 'late-data', channels: [{ energyWh: sum }] },
    });
  });

  it('days that were missed are made up for, one after the other', async () => {
    const played = await enrolled();
    for (let n = 0; n < 3; n++) await playDay(played, plusDays(DAY, n));
    expect(await played.world.close(provisionalAt(plusDays(DAY, 2), ZONE))).toMatchObject({ days: 3, commits: 3 });
    expect([...(await played.world.days()).values()].map(({ outcome }) => outcome?.channels[0]?.measured)).toEqual([96, 96, 96]);
  });

  it.each([
    ['Europe/London', '2026-03-29', 92],
    ['Europe/London', '2026-10-25', 100],
    ['America/New_York', '2026-11-01', 100],
    ['Australia/Lord_Howe', '2026-04-05', 98],
    ['Australia/Lord_Howe', '2026-10-04', 94],
  ])('%s on %s: %i quarter-hours, sealed, nothing lost or doubled', async (zone, day, slots) => {
    const played = await enrolled(day, { ...HOME, zone });
    const sum = await playDay(played, day);
    await sealDay(played);
    await played.world.close(provisionalAt(day, zone));
    const closed = await played.world.day(played.meter.options.meterId, day);
    expect(closed).toMatchObject({ final: true, faults: [], verified: { seal: 'verified', chain: 'verified' } });
    expect(closed.outcome?.channels[0]).toMatchObject({ energyWh: sum, measured: slots });
  });

  it('a lost value whose register moved is rebuilt from the frame before, and the chain still holds', async () => {
    const played = await enrolled();
    const { world, meter } = played;
    const { start, end } = localDay(DAY, ZONE);
    for (let at = start + 900; at <= end; at += 900) {
      const lost = (at - start) % 7200 === 4500;
      meter.measure(at, lost ? null : valueAt(at), valueAt(at));
      if (at % 3600 === 0) await world.say(meter, meter.frames(at), at * 1000 + 90_000);
    }
    await sealDay(played);
    await world.close(provisionalAt(DAY, ZONE));
    const day = await world.day(meter.options.meterId, DAY);
    expect(day.verified).toMatchObject({ seal: 'verified', chain: 'verified' });
    expect(day.outcome?.channels[0]).toMatchObject({ measured: 84, estimated: 12, missing: 0 });
    expect(day.outcome?.channels[0]?.energyWh).toBe(meter.profile.channels[0]!.registerAt(end));
  });

  it('late data finds a day that has gone to another subject meanwhile, and parts of a day each have their own', async () => {
    const played = await enrolled();
    const { world, meter } = played;
    const { meterId } = meter.options;
    const { start, end } = localDay(DAY, ZONE);
    const noon = start + 12 * 3600;
    const tenants = async (tenancy: MeterPoint['tenancy']) => {
      const point = { usagePoint: 'up-1', zone: ZONE, areaLeaf: 'a', meterClass: 'residential', tariffs: [], multipliers: [] } as const;
      const value = Buffer.from(JSON.stringify([{ ...point, installed: [{ from: 0, asset: HOME }], tenancy }]));
      await world.platform.directory.put([{ key: pointKey(meterId), value }]);
    };
    await tenants([{ subject: 'acc-1', from: 0 }]);
    const sum = await playDay(played, DAY, (at) => at === noon);
    await sealDay(played);
    await world.close(provisionalAt(DAY, ZONE));
    await tenants([{ subject: 'acc-2', from: 0 }]);
    await playDay(played, plusDays(DAY, 1));
    await world.say(meter, meter.resend(noon - 2700, noon));
    await world.close(provisionalAt(plusDays(DAY, 1), ZONE));
    expect(await world.day(meterId, DAY)).toMatchObject({ final: true, outcome: { channels: [{ energyWh: sum, measured: 96 }] } });
    await tenants([
      { subject: 'acc-2', from: 0 },
      { subject: 'acc-1', from: (end + 2 * 86_400 - 43_200) * 1000 },
    ]);
    const whole = await playDay(played, plusDays(DAY, 2));
    await sealDay(played);
    await world.close(provisionalAt(plusDays(DAY, 2), ZONE));
    const parts = await Promise.all(['', '.2'].map((part) => world.day(meterId, `${plusDays(DAY, 2)}${part}`)));
    expect(parts.map(({ frame, final }) => [frame.subject, frame.part, final])).toEqual([
      ['acc-2', 1, true],
      ['acc-1', 2, true],
    ]);
    expect(parts.reduce((energy, { outcome }) => energy + outcome!.channels[0]!.energyWh, 0)).toBe(whole);
  });

  it('the readings of days come to what the days do where a multiplier was corrected, also within one', async () => {
    const played = await enrolled();
    const { world, meter } = played;
    const { start } = localDay(DAY, ZONE);
    const noon = start + 12 * 3600;
    const multipliers = [
      { channel: 0, multiplier: 2, from: (start - 86_400) * 1000 },
      { channel: 0, multiplier: 5, from: noon * 1000 },
    ];
    const point = { usagePoint: 'up-1', zone: ZONE, areaLeaf: 'a', meterClass: 'residential', tariffs: [], tenancy: [] } as const;
    const value = Buffer.from(JSON.stringify([{ ...point, installed: [{ from: 0, asset: HOME }], multipliers }]));
    await world.platform.directory.put([{ key: pointKey(meter.options.meterId), value }]);
    const measured = await playDay(played, DAY);
    await playDay(played, plusDays(DAY, 1));
    await sealDay(played);
    await world.close(provisionalAt(DAY, ZONE));
    const days = [...(await world.days()).values()];
    expect(days.map(({ frame, channels }) => [frame.part, channels[0]!.perCount])).toEqual([
      [1, 2],
      [2, 5],
    ]);
    const [before, after] = days.map(({ outcome }) => outcome!.channels[0]!.energyWh);
    const readings = { fold: await world.readings() };
    const window = { from: DAY, until: plusDays(DAY, 1) };
    expect(await energyOfDays(world.platform, readings, window, ZONE)).toBe(before! + after!);
    expect(before! / 2 + after! / 5).toBe(measured);
  });

  it('books that close where days were closed on already wait for the closing that takes late readings in', async () => {
    const played = await enrolled();
    const { world, meter } = played;
    const { start } = localDay(DAY, ZONE);
    const platform = world.platform;
    const noon = start * 1000 + 43_200_000;
    expect(await nextClosing(platform, noon - 12 * 3_600_000, ZONE)).toBe(provisionalAt(plusDays(DAY, -1), ZONE));
    expect(await nextClosing(platform, noon, ZONE)).toBe(provisionalAt(DAY, ZONE));
    await playDay(played, DAY, (at) => at <= start + 43_200);
    const ahead = plusDays(DAY, 6);
    await world.close(provisionalAt(ahead, ZONE));
    const measured = async () => (await world.day(meter.options.meterId, DAY)).outcome?.channels[0]?.measured;
    expect(await measured()).toBeLessThan(96);
    // A later play begins where the one before measured, with its clock behind what is closed.
    await world.say(meter, meter.resend(start + 900, localDay(DAY, ZONE).end));
    const next = await nextClosing(platform, noon, ZONE);
    expect(next).toBe(provisionalAt(plusDays(ahead, 1), ZONE));
    await world.close(next);
    expect(await measured()).toBe(96);
  });

  it('a meter that never spoke and belongs nowhere has no days', async () => {
    const { world } = await enrolled();
    expect(await world.close(provisionalAt(DAY, ZONE))).toMatchObject({ days: 0 });
  });
});
