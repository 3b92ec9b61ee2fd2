import { describe, expect, it } from 'vitest';
import { Stray } from '../../devices/fleet/stray.ts';
import { makeTown, meterIdOf, type SyntheticTown, type Town } from '../../devices/fleet/town.ts';
import { sunHeight } from '../../devices/fleet/weather.ts';
import { INGEST_LIMITS } from '../../lambdas/ingest/limits.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WINTER = Date.UTC(2026, 0, 5);
const SUMMER = Date.UTC(2026, 6, 6);

const town = (more: Partial<SyntheticTown> = {}) => makeTown({ kind: 'synthetic', seed: 'joule', start: Date.UTC(2026, 0, 1), ...more });

/** Mean Wh per home over intervals that end in (from, to]. */
function energy(of: Town, channel: number, from: number, to: number, home?: number): number {
  const step = of.intervalMinutes * 60_000;
  const homes = home === undefined ? of.homes.map((_, index) => index) : [home];
  let wh = 0;
  for (const index of homes) for (let end = from + step; end <= to; end += step) wh += of.measured(index, channel, end)?.value ?? 0;
  return wh / homes.length;
}

const hours = (of: Town, day: number, from: number, to: number) => energy(of, 0, day + from * HOUR, day + to * HOUR);

describe('heads of feeders', () => {
  const HEADS = { meters: 120, feederHeads: true } as const;

  it('come behind the homes, one for each leaf, and measure what the copper carries: the homes and the losses', async () => {
    const [homes, built] = await Promise.all([town({ meters: 120 }), town(HEADS)]);
    expect(built.homes.slice(0, 120)).toEqual(homes.homes);
    const heads = built.homes.slice(120);
    expect(heads.map(({ asset }) => [asset.areaLeaf, asset.meterClass])).toEqual([
      ['harbour', 'grid'],
      ['hill', 'grid'],
      ['mill', 'grid'],
    ]);
    for (const [i, { asset }] of heads.entries()) {
      const { scale } = asset.channels[0]!;
      const behind = homes.homes.flatMap((home, index) => (home.asset.areaLeaf === asset.areaLeaf ? [index] : []));
      const net = (of: Town, index: number) => energy(of, 0, SUMMER, SUMMER + DAY, index) - energy(of, 1, SUMMER, SUMMER + DAY, index);
      const homesWh = behind.reduce((sum, index) => sum + net(homes, index), 0) * homes.homes.length;
      const headWh = net(built, 120 + i) * scale * built.homes.length;
      expect(headWh / homesWh).toBeGreaterThan(1.03);
      expect(headWh / homesWh).toBeLessThan(1.08);
    }
  });

  it('count in units that their readings have room for, however many homes are behind them', async () => {
    const built = await town({ meters: 5_000, feederHeads: true, intervalMinutes: 30 });
    for (const { asset } of built.homes.slice(5_000)) {
      const behind = built.homes.filter((home) => home.asset.areaLeaf === asset.areaLeaf).length - 1;
      expect((behind * 6_000 * 0.5) / asset.channels[0]!.scale).toBeLessThan(65_535);
      expect(asset.fuseW).toBe(behind * 23_000);
    }
  });

  it('know nothing of what meters get wrong', async () => {
    const [well, marred] = await Promise.all([town(HEADS), town({ ...HEADS, mishaps: true })]);
    const start = Date.UTC(2026, 0, 1);
    for (let end = start + 900_000; end <= start + 6 * DAY; end += 900_000)
      for (const head of [120, 121, 122]) expect(marred.measured(head, 0, end)).toEqual(well.measured(head, 0, end));
  });
});

describe('mishaps', () => {
  it('are a few intervals above any fuse and some hours without a value, and never at the first home', async () => {
    const [well, marred] = await Promise.all([town({ meters: 40 }), town({ meters: 40, mishaps: true })]);
    const start = Date.UTC(2026, 0, 1);
    const found = { spikes: new Set<number>(), lost: new Set<number>() };
    for (let end = start + 900_000; end <= start + 7 * DAY; end += 900_000)
      for (let home = 0; home < 40; home++) {
        const [was, is] = [well.measured(home, 0, end)!, marred.measured(home, 0, end)!];
        if (is.value === null) {
          found.lost.add(home);
          expect(is.advance).toBe(was.advance);
        } else if (is.value !== was.value) {
          found.spikes.add(home);
          expect(is.value).toBeGreaterThan(23_000 * 0.25 * 1.1);
        }
      }
    expect([[...found.spikes].sort((a, b) => a - b), [...found.lost].sort((a, b) => a - b)]).toEqual([
      [3, 6, 8, 10],
      [5, 12],
    ]);
  });
});

describe('a spare meter in bad hands', () => {
  const START = Date.UTC(2026, 0, 1);
  const SAMPLE = Buffer.alloc(120, 0x58);
  const built = () => town({ meters: 40, feederHeads: true, stray: true });

  it('comes behind homes and heads, hangs nowhere and measures nothing', async () => {
    const [with_, without] = await Promise.all([built(), town({ meters: 40, feederHeads: true })]);
    expect(with_.homes.slice(0, -1)).toEqual(without.homes);
    const index = with_.homes.length - 1;
    const { spare, asset } = with_.homes[index]!;
    expect([spare, asset.meterClass]).toEqual([true, 'grid']);
    expect(without.homes.map((home) => home.asset.areaLeaf)).not.toContain(asset.areaLeaf);
    for (let end = START; end < START + 3 * DAY; end += 900_000) expect(with_.measured(index, 0, end)).toBeUndefined();
  });

  it('floods once with more frames than the service puts up with, each in its own name and different, and goes on trying', async () => {
    const home = (await built()).homes.at(-1)!;
    const stray = new Stray(home, START, 'joule');
    const sent = Array.from({ length: 3 * 96 }, (_, i) => stray.frames(START + i * 900_000, SAMPLE));
    const counts = sent.map((frames) => frames.length);
    expect(counts.filter((count) => count > 4)).toHaveLength(1);
    const [flood] = sent.filter(({ length }) => length > 4);
    expect(flood!.length).toBeGreaterThan(INGEST_LIMITS.meter.burst + INGEST_LIMITS.floodingFrames);
    expect(new Set(flood!.map((frame) => frame.toString('hex'))).size).toBe(flood!.length);
    for (const frame of flood!) expect(frame.toString('hex')).toContain(home.meterId);
    expect(counts.slice(-96).reduce((sum, count) => sum + count, 0)).toBe(24 * 4);
    expect(stray.frames(START + 27 * HOUR, SAMPLE)).toEqual(flood);
  });
});

describe('synthetic town', () => {
  it('is the same for the same seed, whatever is asked first, and another for another seed', async () => {
    const [one, two, other] = await Promise.all([town({ meters: 20 }), town({ meters: 20 }), town({ meters: 20, seed: 'watt' })]);
    expect(two.homes).toEqual(one.homes);
    const ends = Array.from({ length: 96 }, (_, i) => WINTER + (i + 1) * 900_000);
    const forwards = ends.map((end) => one.measured(7, 0, end));
    const backwards = ends
      .toReversed()
      .map((end) => two.measured(7, 0, end))
      .toReversed();
    expect(backwards).toEqual(forwards);
    expect(ends.map((end) => other.measured(7, 0, end))).not.toEqual(forwards);
    expect(other.homes.map((home) => home.meterId)).not.toEqual(one.homes.map((home) => home.meterId));
  });

  it('has an evening peak over a quiet night, on working days and at weekends', async () => {
    const built = await town();
    for (let day = 0; day < 7; day++) {
      const night = hours(built, WINTER + day * DAY, 2, 4);
      const evening = hours(built, WINTER + day * DAY, 18, 20);
      expect(evening).toBeGreaterThan(2 * night);
    }
  });

  it('sleeps longer at weekends', async () => {
    const built = await town();
    const morning = (day: number) => hours(built, WINTER + day * DAY, 6, 8) / hours(built, WINTER + day * DAY, 0, 24);
    const [monday, saturday] = [morning(0), morning(5)];
    expect(monday).toBeGreaterThan(1.3 * saturday!);
  });

  it('needs more in winter than in summer', async () => {
    const built = await town();
    expect(energy(built, 0, WINTER, WINTER + 7 * DAY)).toBeGreaterThan(1.3 * energy(built, 0, SUMMER, SUMMER + 7 * DAY));
  });

  it('sums to what homes use in a month', async () => {
    const built = await town();
    const month = built.homes.map((_, home) => energy(built, 0, WINTER, WINTER + 30 * DAY, home) / 1_000);
    const mean = month.reduce((sum, kWh) => sum + kWh, 0) / month.length;
    expect(mean).toBeGreaterThan(150);
    expect(mean).toBeLessThan(400);
    expect(Math.min(...month)).toBeGreaterThan(30);
    expect(Math.max(...month)).toBeLessThan(2_500);
  });

  it('feeds in by daylight alone, from roofs that have a second channel', async () => {
    const built = await town();
    const roofs = built.homes.flatMap((home, index) => (home.asset.channels.length === 2 ? [index] : []));
    expect(roofs.length).toBeGreaterThan(10);
    expect(roofs.length).toBeLessThan(80);
    expect(built.homes[roofs[0]!]!.asset.channels[1]).toMatchObject({ obis: '1-0:2.8.0', direction: 'export' });
    let fedIn = 0;
    for (let end = SUMMER + 900_000; end <= SUMMER + DAY; end += 900_000) {
      const wh = roofs.reduce((sum, roof) => sum + built.measured(roof, 1, end)!.value!, 0);
      if (wh > 0) expect(sunHeight(end - 450_000, 51.5, 0)).toBeGreaterThan(0);
      fedIn += wh;
    }
    expect(fedIn / roofs.length).toBeGreaterThan(5_000);
    const bare = built.homes.findIndex((home) => home.asset.channels.length === 1);
    expect(built.measured(bare, 1, SUMMER + 12 * HOUR)).toBeUndefined();
  });

  it.each([5, 15, 30] as const)('gives integer Wh that a service fuse lets through, every %i minutes', async (intervalMinutes) => {
    const built = await town({ meters: 40, intervalMinutes });
    const limit = (23_000 * intervalMinutes) / 60;
    for (let home = 0; home < 40; home++) {
      for (let end = WINTER + intervalMinutes * 60_000; end <= WINTER + DAY; end += intervalMinutes * 60_000) {
        const { value, advance } = built.measured(home, 0, end)!;
        expect(Number.isInteger(value) && value! >= 0 && value! <= limit && advance === value).toBe(true);
      }
    }
  });

  it('loses the share of intervals asked for, while the register goes on', async () => {
    const built = await town({ meters: 30, lost: 0.05 });
    let lost = 0;
    for (let home = 0; home < 30; home++) {
      for (let end = WINTER + 900_000; end <= WINTER + DAY; end += 900_000) {
        const { value, advance } = built.measured(home, 0, end)!;
        if (value === null) lost += 1;
        expect(advance).toBeGreaterThanOrEqual(0);
      }
    }
    expect(lost / (30 * 96)).toBeGreaterThan(0.03);
    expect(lost / (30 * 96)).toBeLessThan(0.07);
  });

  it('spreads meters evenly over concentrators, about one in ten heard by two', async () => {
    const built = await town();
    expect(built.dcIds).toEqual(['dc-1', 'dc-2', 'dc-3', 'dc-4']);
    for (const dcId of built.dcIds) expect(built.homes.filter((home) => home.relays[0] === dcId)).toHaveLength(60);
    const two = built.homes.filter((home) => home.relays.length === 2);
    expect(two.length).toBeGreaterThan(12);
    expect(two.length).toBeLessThan(40);
    expect(two.every((home) => home.relays[0] !== home.relays[1])).toBe(true);
    const alone = await town({ meters: 9, concentrators: 1, heardByTwo: 1 });
    expect(alone.homes.every((home) => home.relays.length === 1)).toBe(true);
  });

  it('names meters by locally administered EUI-64, all different', async () => {
    const ids = (await town({ meters: 5_000 })).homes.map((home) => home.meterId);
    expect(new Set(ids).size).toBe(5_000);
    expect(ids.every((id) => /^[0-9a-f]{16}$/.test(id) && (Number.parseInt(id.slice(0, 2), 16) & 3) === 2)).toBe(true);
    expect(meterIdOf('joule', 'home 0')).toBe(ids[0]);
  });

  it.each([
    [{ meters: 0 }, /1 to 1000000 meters/],
    [{ concentrators: 0 }, /concentrators/],
    [{ heardByTwo: 2 }, /between 0 and 1/],
    [{ start: 1 }, /full hour/],
    [{ adversary: 'dc-9' }, /no concentrator is named "dc-9"/],
    [{ zone: 'Europe/Nowhere' }, /no time zone/],
    [{ intervalMinutes: 7 as 5 }, /5, 15 or 30/],
  ])('says what is wrong with %j', async (more, message) => {
    await expect(town(more)).rejects.toMatchObject({ code: 'ERR_FLEET_INPUT', message: expect.stringMatching(message) });
  });
});
