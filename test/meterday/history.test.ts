import { describe, expect, it } from 'vitest';
import { emptyView, viewSlot } from '../../domain/meterday/effective.ts';
import type { OpenDay } from '../../domain/meterday/state.ts';
import { CLASS_PROFILES } from '../../domain/vee/class-profiles.ts';
import { type DayFrame, NO_COUNTS, SLOT_SOURCES } from '../../events/index.ts';
import { EarlierDays } from '../../lambdas/close-day/earlier-days.ts';
import { historyFor, historyIn, openHistory } from '../../lambdas/close-day/history.ts';
import { isHoliday } from '../../lambdas/close-day/holidays.ts';
import { localDay, plusDays, provisionalAt } from '../../lambdas/shared/days/local-days.ts';
import { type MeterPoint, pointKey } from '../../lambdas/shared/days/points.ts';
import { timesOf } from '../../lambdas/shared/days/wall-clock.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { HOME } from '../support/sealed-town.ts';
import { ClosingWorld, type Enrolled } from './closing-world.ts';

const ZONE = HOME.zone;
const DAY = '2026-02-13';
const view = emptyView();

interface Played {
  readonly world: ClosingWorld;
  readonly meter: Enrolled;
}

/** What the home uses at a time of day and on a day, so that every slot of every day can be told from the others. */
const valueAt = (end: number): number => 40 + ((end / 900) % 96) + (Math.floor(end / 86_400) % 50);

async function enrolled(firstDay: string): Promise<Played> {
  const world = new ClosingWorld(localDay(firstDay, ZONE).start * 1000);
  return { world, meter: await world.enrol({ firstDay, days: 60 }) };
}

/** @param lost says of a frame's last end whether it does not arrive */
async function playDay({ world, meter }: Played, day: string, lost: (end: number) => boolean = () => false): Promise<void> {
  const { start, end } = localDay(day, ZONE);
  const said: Buffer[] = [];
  for (let at = start + 900; at <= end; at += 900) meter.measure(at, valueAt(at));
  for (let at = start + 3600; at <= end; at += 3600) said.push(...meter.frames(at).filter((frame) => !lost(frame.readUInt32BE(4))));
  await world.say(meter, said, end * 1000 + 60_000);
}

/** The days before DAY, whole, and closed. */
async function withDays(count: number): Promise<Played> {
  const played = await enrolled(plusDays(DAY, -count));
  for (let back = count; back >= 1; back--) await playDay(played, plusDays(DAY, -back));
  await played.world.close(provisionalAt(plusDays(DAY, -1), ZONE));
  return played;
}

function frameOf({ meter }: Played, day: string, changes: Partial<DayFrame> = {}): DayFrame {
  const { meterId } = meter.options;
  const { start, end } = localDay(day, ZONE);
  return { usagePoint: meterId, meterId, day, part: 1, subject: 'utility', start, end, minutes: 15, zone: ZONE, ...changes };
}

const sourcesOf = ({ channels, slots }: OpenDay): string[] =>
  Array.from({ length: slots }, (_, slot) => {
    viewSlot(channels[0]!, slot, true, view);
    return SLOT_SOURCES[view.source & 0x7f]!;
  });

/** The platform, and how often it read a stream of a meter's day. */
function counted(platform: Platform): { platform: Platform; reads: Map<string, number> } {
  const reads = new Map<string, number>();
  const events: Platform['events'] = Object.create(platform.events, {
    read: {
      value: (...args: Parameters<Platform['events']['read']>) => {
        if (args[0].startsWith('meterday/')) reads.set(args[0], (reads.get(args[0]) ?? 0) + 1);
        return platform.events.read(...args);
      },
    },
  });
  return { platform: Object.create(platform, { events: { value: events } }), reads };
}

describe('history for estimation', () => {
  it('is every day of six weeks, aligned and usable, and a gap of six hours is filled from moments of them', {
    timeout: 60_000,
  }, async () => {
    const played = await withDays(43);
    const { world, meter } = played;
    const [history] = await historyFor(world.platform, { frame: frameOf(played, DAY), channels: HOME.channels });
    expect(history!.days.map(({ daysBack, usable }) => [daysBack, usable])).toEqual(Array.from({ length: 42 }, (_, i) => [i + 1, true]));
    for (const { date, counts } of history!.days) expect([...counts.slice(0, 96)]).toEqual(valuesOf(date));
    expect([...history!.before]).toEqual(valuesOf(plusDays(DAY, -1)).slice(-8));
    const { start } = localDay(DAY, ZONE);
    await playDay(played, DAY, (end) => end > start + 6 * 3600 && end <= start + 12 * 3600);
    await world.close(provisionalAt(DAY, ZONE));
    const [commit] = await world.commits(`meterday/${meter.options.meterId}/${DAY}`);
    const estimated = commit!.events.find(({ type }) => type === 'SlotsEstimated');
    expect(estimated).toMatchObject({ data: { channels: [{ inputs: expect.stringMatching(/^E3 moments of 4[12] days/) }] } });
  });

  it('is read once per run, however many places and channels ask, and again when a day was recorded since', async () => {
    const played = await withDays(3);
    const { platform, reads } = counted(played.world.platform);
    const earlier = new EarlierDays(platform);
    const frames = [DAY, plusDays(DAY, 1)].map((day) => frameOf(played, day));
    const access = await openHistory(played.world.platform, frames, { purpose: 'estimation' });
    for (const frame of [...frames, ...frames]) await historyIn(earlier, { frame, channels: [...HOME.channels, ...HOME.channels] }, access);
    expect(reads.size).toBeGreaterThan(43);
    expect(new Set(reads.values())).toEqual(new Set([1]));
    const yesterday = frameOf(played, plusDays(DAY, -1));
    earlier.forget(yesterday);
    await historyIn(earlier, { frame: frames[0]!, channels: HOME.channels }, access);
    expect(reads.get(`meterday/${yesterday.meterId}/${yesterday.day}`)).toBe(2);
    expect([...reads.values()].filter((times) => times > 1)).toHaveLength(1);
  });

  it('knows the slots behind the day, and the next day itself, where that was closed already', async () => {
    const played = await withDays(3);
    const frame = frameOf(played, plusDays(DAY, -2));
    const [history] = await historyFor(played.world.platform, { frame, channels: HOME.channels });
    expect([...history!.after]).toEqual(valuesOf(plusDays(DAY, -1)).slice(0, 8));
    expect(history!.days.map(({ daysBack }) => daysBack)).toEqual([1, -1]);
    const [last] = await historyFor(played.world.platform, { frame: frameOf(played, DAY), channels: HOME.channels });
    expect(last!.after).toHaveLength(0);
  });

  it('of a divided day holds its own parts alone: those of another subject stay closed, those of one subject are one day', async () => {
    const played = await enrolled(plusDays(DAY, -2));
    const { world, meter } = played;
    const { meterId } = meter.options;
    const noon = (day: string) => (localDay(day, ZONE).start + 12 * 3600) * 1000;
    const cuts: MeterPoint['tenancy'] = [
      { subject: 'acc-1', from: 0 },
      { subject: 'acc-1', from: noon(plusDays(DAY, -2)) },
      { subject: 'acc-2', from: noon(plusDays(DAY, -1)) },
    ];
    const point = { usagePoint: 'up-1', zone: ZONE, areaLeaf: 'a', meterClass: 'residential', tariffs: [], multipliers: [] } as const;
    const value = Buffer.from(JSON.stringify([{ ...point, installed: [{ from: 0, asset: HOME }], tenancy: cuts }]));
    await world.platform.directory.put([{ key: pointKey(meterId), value }]);
    for (const back of [2, 1]) await playDay(played, plusDays(DAY, -back));
    await world.close(provisionalAt(plusDays(DAY, -1), ZONE));
    const frame = frameOf(played, plusDays(DAY, -1), { subject: 'acc-1', end: noon(plusDays(DAY, -1)) / 1000 });
    const access = await openHistory(world.platform, [frame, { ...frame, subject: 'acc-2' }], { purpose: 'estimation' });
    const first = await new EarlierDays(world.platform).get(frame, plusDays(DAY, -2), access);
    expect(first?.channels[0]).toMatchObject({ usable: true });
    expect([...first!.channels[0]!.counts]).toEqual(valuesOf(plusDays(DAY, -2)));
    const second = { ...frame, day: DAY, subject: 'acc-2' };
    const own = await new EarlierDays(world.platform).get(second, plusDays(DAY, -1), access);
    expect(own?.channels[0]).toMatchObject({ usable: false });
    expect([...own!.channels[0]!.counts]).toEqual([...Array(48).fill(NO_COUNTS), ...valuesOf(plusDays(DAY, -1)).slice(48)]);
    const [part] = await historyIn(new EarlierDays(world.platform), { frame: { ...frame, part: 2 }, channels: HOME.channels }, access);
    expect(part!.days[0]!.counts).toHaveLength(48);
  });

  it('a home without days of its own is estimated by the shape of its class: a day of it comes to the average, a part to its share', async () => {
    const played = await withDays(1);
    const { world, meter } = played;
    const { start } = localDay(DAY, ZONE);
    await playDay(played, DAY, (end) => end > start + 6 * 3600 && end <= start + 18 * 3600);
    await world.close(provisionalAt(DAY, ZONE));
    const day = await world.day(meter.options.meterId, DAY);
    expect(new Set(sourcesOf(day).slice(24, 72))).toEqual(new Set(['E7']));
    const frame = frameOf(played, DAY);
    const halves = [frame, { ...frame, start: start + 43_200, part: 2 }];
    const [whole, half] = await Promise.all(
      halves.map(async (one) => (await historyFor(world.platform, { frame: one, channels: HOME.channels }))[0]!.classProfile!),
    );
    const sum = (weights: Float64Array) => weights.reduce((all, weight) => all + weight, 0);
    expect(whole!.wholeDay).toBe(sum(whole!.weights));
    expect([half!.wholeDay, sum(half!.weights)]).toEqual([whole!.wholeDay, sum(whole!.weights.slice(48))]);
    for (const { hours } of Object.values(CLASS_PROFILES)) expect([hours.length, Math.min(...hours) > 0]).toEqual([24, true]);
  });

  it('a silent meter’s days are forward estimates; what comes late replaces them, and a day final meanwhile is stated again', async () => {
    const played = await withDays(8);
    const { world, meter } = played;
    const { meterId } = meter.options;
    const gone = localDay(DAY, ZONE).start + 6 * 3600;
    await playDay(played, DAY, (end) => end > gone);
    await world.close(provisionalAt(DAY, ZONE));
    await world.close(provisionalAt(plusDays(DAY, 5), ZONE));
    const days = await Promise.all([0, 1].map((n) => world.day(meterId, plusDays(DAY, n))));
    expect(days.map(({ final }) => final)).toEqual([true, true]);
    expect(sourcesOf(days[0]!)).toEqual([...Array(24).fill('measured'), ...Array(72).fill('EX')]);
    expect(sourcesOf(days[1]!)).toEqual(Array(96).fill('EX'));
    const { end } = localDay(DAY, ZONE);
    await world.say(meter, meter.resend(gone + 900, end));
    await world.close(provisionalAt(plusDays(DAY, 6), ZONE));
    const after = await world.day(meterId, DAY);
    expect(sourcesOf(after)).toEqual(Array(96).fill('measured'));
    const stated = (await world.commits(`meterday/${meterId}/${DAY}`)).at(-1)!.events.at(-1);
    expect(stated).toMatchObject({ type: 'DayRestated', data: { reason: 'late-data', channels: [{ measured: 96, estimated: 0 }] } });
  });

  it('a gap that readings followed is no forward estimate, though the meter fell silent later that day', async () => {
    const played = await withDays(8);
    const { world, meter } = played;
    const { start } = localDay(DAY, ZONE);
    const hour = (end: number) => (end - start) / 3600;
    await playDay(played, DAY, (end) => (hour(end) > 3 && hour(end) <= 6) || hour(end) > 20);
    await world.close(provisionalAt(DAY, ZONE));
    const sources = sourcesOf(await world.day(meter.options.meterId, DAY));
    expect(sources.slice(12, 24)).not.toContain('EX');
    expect(sources.slice(80)).toEqual(Array(16).fill('EX'));
  });

  it('holidays are a list per zone; a zone without one has none', async () => {
    expect([isHoliday('2026-12-25', 'Europe/London'), isHoliday('2026-12-24', 'Europe/London')]).toEqual([true, false]);
    expect(isHoliday('2026-12-25', 'Australia/Lord_Howe')).toBe(false);
    const played = await enrolled(DAY);
    const [history] = await historyFor(played.world.platform, { frame: frameOf(played, '2026-12-25'), channels: HOME.channels });
    expect(history!.holiday).toBe(true);
  });

  it('the wall clock of a spring day leaves an hour out', () => {
    const { start, end } = localDay('2026-03-29', ZONE);
    const times = [...timesOf({ start, end, minutes: 60, zone: ZONE })].map((time) => time / 3600);
    expect(times).toEqual([0, ...Array.from({ length: 22 }, (_, i) => i + 2)]);
  });
});

function valuesOf(day: string): number[] {
  const { start } = localDay(day, ZONE);
  return Array.from({ length: 96 }, (_, slot) => valueAt(start + (slot + 1) * 900));
}
