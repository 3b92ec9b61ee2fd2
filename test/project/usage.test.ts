import { beforeEach, describe, expect, it } from 'vitest';
import { AREA_SUMS, areaAt } from '../../lambdas/project/area-sums.ts';
import { USAGE_PAGES, usageSoFar } from '../../lambdas/project/usage-pages.ts';
import { lotOf, openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { HOME, QUARTER_MS } from '../support/sealed-town.ts';
import { type Follow, follower } from './following.ts';
import { endOf, MIDNIGHT, meterId, PANELS, SegmentStreet, slotsOf } from './segment-street.ts';

const DAY = '2026-01-15';

let street: SegmentStreet;
let follow: Follow;

beforeEach(() => {
  street = new SegmentStreet();
  follow = follower(street.world.as('project'));
});

async function followAll(): Promise<void> {
  expect(await follow(street.arrivals)).toEqual([]);
}

async function area(slot: number) {
  return await areaAt(street.world.as('project').models.table(AREA_SUMS), 'area-1', endOf(slot));
}

describe('usage so far', () => {
  it('shows each channel apart, slot by slot, as it came', async () => {
    await street.join(1, 'a', PANELS);
    await street.deliver(
      { meter: 1, channel: 0, slot: 4, values: [10, 20, 30, 40] },
      { meter: 1, channel: 1, slot: 4, values: [1, 2, 3, 4] },
    );
    await street.deliver({ meter: 1, channel: 0, slot: 5, values: [50] });
    await followAll();
    const found = await street.usage(1);
    expect(slotsOf(found, 0)).toEqual({ 0: 10, 1: 20, 2: 30, 3: 40, 4: 50 });
    expect(slotsOf(found, 1)).toEqual({ 0: 1, 1: 2, 2: 3, 3: 4 });
    expect(found.map(({ direction, unit, minutes, start }) => [direction, unit, minutes, start])).toEqual([
      ['import', 'Wh', 15, MIDNIGHT / 1000],
      ['export', 'Wh', 15, MIDNIGHT / 1000],
    ]);
  });

  it('a reading over the capacity of the service fuse shows nowhere, and neither does one that was measured as none', async () => {
    await street.join(1, 'a');
    await street.deliver({ meter: 1, channel: 0, slot: 4, values: [6_600, 6_601, undefined, 40_000] });
    await followAll();
    const [found] = await street.usage(1);
    expect(found?.slots).toEqual([{ slot: 0, energyWh: 6_600 }]);
    expect(found?.held).toEqual([1, 3]);
    expect(await area(1)).toEqual({ importWh: 6_600, exportWh: 0, measured: 1, held: 0, exporting: 0 });
    expect(await area(2)).toEqual({ importWh: 0, exportWh: 0, measured: 0, held: 1, exporting: 0 });
    expect(await area(3)).toEqual({ importWh: 0, exportWh: 0, measured: 0, held: 0, exporting: 0 });
  });

  it('the first version of a slot counts, in whatever commit another comes', async () => {
    await street.join(1, 'a');
    await street.deliver({ meter: 1, channel: 0, slot: 2, values: [10, 20] });
    await street.deliver({ meter: 1, channel: 0, slot: 3, values: [11, 20, 30] }, { meter: 1, channel: 0, slot: 3, values: [31] });
    await followAll();
    expect(slotsOf(await street.usage(1))).toEqual({ 0: 10, 1: 20, 2: 30 });
    expect((await area(1)).importWh + (await area(2)).importWh + (await area(3)).importWh).toBe(60);
  });

  it('a day is a local day, and its last slot ends at midnight', async () => {
    await street.join(1, 'a', { ...HOME, zone: 'America/New_York' });
    await street.deliver({ meter: 1, channel: 0, slot: 21, values: [1, 2] });
    await followAll();
    expect(slotsOf(await street.usage(1, 'utility', '2026-01-14'))).toEqual({ 95: 1 });
    expect(slotsOf(await street.usage(1, 'utility', '2026-01-15'))).toEqual({ 0: 2 });
  });

  it('R9.1-3: a tenancy cut divides the day: each subject sees what is theirs, and a cut that is corrected counts at once', async () => {
    await street.install(1, [
      ['anna', -96],
      ['ben', 2],
    ]);
    await street.join(1, 'a');
    await street.deliver({ meter: 1, channel: 0, slot: 4, values: [10, 20, 9_000, 40] });
    await followAll();
    expect(slotsOf(await street.usage(1, 'anna'))).toEqual({ 0: 10, 1: 20 });
    expect(slotsOf(await street.usage(1, 'ben'))).toEqual({ 3: 40 });
    expect((await street.usage(1, 'ben'))[0]?.held).toEqual([2]);
    expect((await street.usage(1, 'anna'))[0]?.held).toEqual([]);
    expect(await street.usage(1, 'utility')).toEqual([]);
    await street.install(1, [['anna', 1]]);
    expect(slotsOf(await street.usage(1, 'anna'))).toEqual({ 1: 20, 3: 40 });
    expect(slotsOf(await street.usage(1, 'utility'))).toEqual({ 0: 10 });
    expect(await street.usage(1, 'ben')).toEqual([]);
  });

  it('R9.1-3: a subject whose keys are destroyed is dropped at once, and the neighbours of the page stay', async () => {
    await street.install(1, [['anna', -96]]);
    await street.install(2, [['ben', -96]]);
    await street.join(1, 'a');
    await street.join(2, 'a');
    await street.deliver({ meter: 1, channel: 0, slot: 1, values: [10] }, { meter: 2, channel: 0, slot: 1, values: [20] });
    await followAll();
    const row = { wrapped: Buffer.alloc(60), wrappedBy: 'subject-kek', createdAt: 1 };
    const rows = ['usage/anna/2025-12/0000000000001', 'usage/anna/2026-01/0000000000001', 'usage/ben/2026-01/0000000000001'];
    for (const id of rows) await street.world.keys.putIfAbsent({ ...row, id });
    await street.world.keys.destroy(rows[1]!);
    expect(slotsOf(await street.usage(1, 'anna'))).toEqual({ 0: 10 });
    await street.world.keys.destroy(rows[0]!);
    expect(await street.usage(1, 'anna')).toEqual([]);
    expect(slotsOf(await street.usage(2, 'ben'))).toEqual({ 0: 20 });
  });

  it('R9.1-3: a page opens for a recorded access alone, and shows whom it names in its window', async () => {
    await street.install(1, [['anna', -96]]);
    await street.install(2, [['ben', -96]]);
    await street.join(1, 'a');
    await street.join(2, 'a');
    await street.deliver({ meter: 1, channel: 0, slot: 4, values: [1, 2, 3, 4] }, { meter: 2, channel: 0, slot: 1, values: [7] });
    await followAll();
    const platform = street.world.as('project');
    const stream = `access/${new Date(street.world.clock.now()).toISOString().slice(0, 10)}.project.${lotOf('anna')}`;
    expect(street.world.events.eventsOf(stream)).toEqual([]);
    const window = { from: MIDNIGHT + QUARTER_MS, until: MIDNIGHT + 3 * QUARTER_MS };
    const access = await openSubjectData(platform, { purpose: 'customer-view', ...window, subjects: ['anna'] });
    expect(street.world.events.eventsOf(stream).map(({ data }) => 'subjects' in data && data.subjects)).toEqual([['anna']]);
    expect(slotsOf(await usageSoFar(platform, { meterId: meterId(1), day: DAY, subject: 'anna' }, access))).toEqual({ 1: 2, 2: 3 });
    expect(await usageSoFar(platform, { meterId: meterId(2), day: DAY, subject: 'anna' }, access)).toEqual([]);
    const sealed = expect.objectContaining({ code: 'ERR_SUBJECT_SEALED' });
    const asked = { meterId: meterId(2), day: DAY, subject: 'ben' };
    await expect(usageSoFar(platform, asked, access)).rejects.toThrow(sealed);
    await expect(usageSoFar(platform, asked, { ...access })).rejects.toThrow(sealed);
    const pages = platform.models.table(USAGE_PAGES);
    await expect(Array.fromAsync(pages.query('segment/a', ''))).rejects.toThrow(sealed);
    const old = await openSubjectData(platform, { purpose: 'customer-view', from: 0, until: 1, subjects: ['anna'] });
    await expect(Array.fromAsync(pages.query('segment/a', '', old))).rejects.toThrow(sealed);
  });

  it('a home that moves and comes back is found in every segment and under every number it had', async () => {
    await street.join(2, 'a');
    await street.join(1, 'a');
    await street.deliver({ meter: 1, channel: 0, slot: 1, values: [1] });
    await street.move(1, 'b', MIDNIGHT + QUARTER_MS);
    await street.deliver({ meter: 1, channel: 0, slot: 2, values: [2] }, { meter: 2, channel: 0, slot: 2, values: [90] });
    await street.move(1, 'a', MIDNIGHT + 2 * QUARTER_MS);
    await street.deliver({ meter: 1, channel: 0, slot: 3, values: [3] });
    await followAll();
    expect(slotsOf(await street.usage(1))).toEqual({ 0: 1, 1: 2, 2: 3 });
    expect(slotsOf(await street.usage(2))).toEqual({ 1: 90 });
  });

  it('each multiplier, interval length and direction is read as it was when the slot came', async () => {
    const [channel] = HOME.channels;
    await street.join(1, 'a');
    await street.join(2, 'a', { ...HOME, channels: [{ ...channel!, multiplier: 40 }] });
    await street.deliver({ meter: 1, channel: 0, slot: 1, values: [5] }, { meter: 2, channel: 0, slot: 1, values: [5] });
    await street.amend(1, { asset: { ...HOME, channels: [{ ...channel!, scale: 10 }] } });
    await street.deliver({ meter: 1, channel: 0, slot: 2, values: [6] });
    await followAll();
    expect(slotsOf(await street.usage(1))).toEqual({ 0: 5, 1: 60 });
    expect(slotsOf(await street.usage(2))).toEqual({ 0: 200 });
  });
});
