import { describe, expect, it } from 'vitest';
import { meter } from '../../domain/enrolment/meter.ts';
import { SegmentPlaces } from '../../lambdas/enrol/segment-places.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { ASSET, T0 } from './facts.ts';

const homes = (count: number, perRelay: number) =>
  Array.from({ length: count }, (_, i) => `dc-${String(Math.floor(i / perRelay)).padStart(4, '0')}`);

function tally(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

async function enrolledIn(world: MemoryWorld, segments: readonly string[]): Promise<void> {
  const certificate = Buffer.from('certificate');
  for (const [i, segment] of segments.entries()) {
    const meterId = i.toString(16).padStart(16, '0');
    const enrol = { type: 'EnrolMeter' as const, meterId, certificate, asset: ASSET, at: T0 };
    const relay = { type: 'AssignRelay' as const, dcId: 'dc-0000', from: T0 };
    await runDecider(world.events, `meter/${meterId}`, meter, [enrol, { type: 'AssignSegment', segment }, relay]);
  }
}

describe('places in segments', () => {
  it('are at most 512 each, and few are wasted, whatever the concentrators are like', async () => {
    for (const perRelay of [1, 7, 50, 190, 300, 511, 512, 700, 5_000]) {
      const world = new MemoryWorld();
      const places = await SegmentPlaces.open(world.as('enrol'));
      const asked = homes(10_000, perRelay);
      const given: string[] = [];
      for (let start = 0; start < asked.length; start += 1_024) given.push(...(await places.take(asked.slice(start, start + 1_024))));
      const counts = tally(given);
      expect(Math.max(...counts.values()), `${perRelay}`).toBeLessThanOrEqual(512);
      expect(counts.size, `${perRelay}`).toBeLessThanOrEqual(Math.ceil((10_000 / 512) * 1.75));
    }
  });

  it('keep the meters of a concentrator together', async () => {
    const places = await SegmentPlaces.open(new MemoryWorld().as('enrol'));
    const asked = homes(10_000, 190);
    const given = await places.take(asked);
    const touched = new Map<string, Set<string>>();
    for (const [i, dcId] of asked.entries()) touched.set(dcId, (touched.get(dcId) ?? new Set()).add(given[i]!));
    const average = [...touched.values()].reduce((sum, { size }) => sum + size, 0) / touched.size;
    expect(average).toBeLessThan(1.5);
    const [home] = touched.get('dc-0052')!;
    expect(await places.take(['dc-0052'])).toEqual([home]);
  });

  it('are remembered, and a crash gives none twice', async () => {
    const world = new MemoryWorld();
    const first = await (await SegmentPlaces.open(world.as('enrol'))).take(homes(400, 400));
    const second = await (await SegmentPlaces.open(world.as('enrol'))).take(homes(400, 400));
    expect(Math.max(...tally([...first, ...second]).values())).toBeLessThanOrEqual(512);
  });

  it('are counted in the streams when their record is lost', async () => {
    const world = new MemoryWorld();
    await enrolledIn(world, [...Array.from({ length: 512 }, () => '00000'), ...Array.from({ length: 500 }, () => '00001')]);
    const places = await SegmentPlaces.open(world.as('enrol'));
    expect(tally(await places.take(homes(40, 40)))).toEqual(
      new Map([
        ['00001', 12],
        ['00002', 28],
      ]),
    );
  });
});
