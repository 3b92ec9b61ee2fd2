import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { partsOfDay, stayAt } from '../../domain/usagepoint/day-parts.ts';
import { openBilling } from '../../lambdas/billing/open-billing.ts';
import { placesOf } from '../../lambdas/billing/places.ts';
import * as closing from '../../lambdas/close-day/day-frames.ts';
import { changePoint, usagePointState } from '../../lambdas/register/change-point.ts';
import { openPoints } from '../../lambdas/register/open-points.ts';
import { framesOf } from '../../lambdas/register/reseal-meters.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import { pointOf } from '../../lambdas/shared/days/points.ts';
import { discard } from '../contract/support/state.ts';
import { ASSET, METER, OTHER_METER } from '../subjects/given.ts';
import { type SealedWorld, sealedWorld } from '../subjects/sealed-days.ts';

const ZONE = 'Europe/London';
const DAY = '2026-10-26';
const PERIOD = { from: '2026-10-24', until: '2026-10-28' };
const { start } = localDay(DAY, ZONE);
const at = (hour: number) => (start + hour * 3600) * 1000;
const FIRST = (start - 20 * 86_400) * 1000;
const POINTS = ['home-1', 'home-2'];

let world: SealedWorld;

/** A meter that hangs at home-1 until 08:00 and at home-2 from 10:00 on; on some day it comes back at 16:00. */
async function move(back: boolean): Promise<void> {
  const enrol = world.as('enrol');
  const time = world.state.clock.now();
  const remove = (until: number) => ({ type: 'RemoveMeter', meterId: METER, until, registers: [], at: time }) as const;
  const install = (from: number, meterId = METER) =>
    ({ type: 'InstallMeter', meterId, from, asset: ASSET, registers: [], at: time }) as const;
  await changePoint(enrol, 'home-1', [remove(at(8))]);
  await changePoint(enrol, 'home-2', [install(at(10))]);
  if (!back) return;
  await changePoint(enrol, 'home-2', [remove(at(14))]);
  await changePoint(enrol, 'home-1', [install(at(16))]);
}

/** Streams of the day that each asks for or writes, with the hour in which each part begins. */
async function named(usagePoint: string) {
  const sources = await openBilling(world.as('billing'), [`acc-${usagePoint}`], PERIOD);
  const places = placesOf(await sources.point(usagePoint), `acc-${usagePoint}`, PERIOD);
  return places
    .filter(({ day, stream }) => day === DAY && stream.includes(METER))
    .map((place) => [place.stream, (place.start - start) / 3600]);
}

async function closed(usagePoint: string) {
  const [points] = await pointOf(world.as('close-day'), [METER]);
  const member = { meterId: METER, asset: ASSET, since: 0, lastEnd: 0, estimatedDays: 0, silent: false };
  return closing
    .placesOf(member, points!, localDay(DAY, ZONE))
    .filter(({ frame }) => frame.usagePoint === usagePoint)
    .map(({ stream, frame }) => [stream, (frame.start - start) / 3600]);
}

beforeEach(async () => {
  world = await sealedWorld();
  const point = (usagePoint: string) => ({
    usagePoint,
    premises: usagePoint,
    zone: ZONE,
    areaLeaf: 'n',
    meterClass: 'residential' as const,
  });
  await openPoints(world.as('enrol'), [
    { ...point('home-1'), meter: { meterId: METER, from: FIRST, asset: ASSET }, tenant: { accountId: 'acc-home-1', from: FIRST } },
    { ...point('home-2'), meter: { meterId: OTHER_METER, from: FIRST, asset: ASSET }, tenant: { accountId: 'acc-home-2', from: FIRST } },
  ]);
  const until = at(9);
  await changePoint(world.as('enrol'), 'home-2', [
    { type: 'RemoveMeter', meterId: OTHER_METER, until, registers: [], at: world.state.clock.now() },
  ]);
});

afterEach(() => {
  world.state.close();
  discard(world.state.directory);
});

describe('a meter that is moved within a day', () => {
  it('is billed at each usage point from the parts that closing wrote for it', async () => {
    await move(false);
    expect(await named('home-1')).toEqual([[`meterday/${METER}/${DAY}`, 0]]);
    expect(await named('home-2')).toEqual([[`meterday/${METER}/${DAY}.2`, 10]]);
    for (const usagePoint of POINTS) expect(await named(usagePoint)).toEqual(await closed(usagePoint));
  });

  it('has its parts in order of time when it comes back', async () => {
    await move(true);
    expect(await named('home-1')).toEqual([
      [`meterday/${METER}/${DAY}`, 0],
      [`meterday/${METER}/${DAY}.3`, 16],
    ]);
    expect(await named('home-2')).toEqual([[`meterday/${METER}/${DAY}.2`, 10]]);
    for (const usagePoint of POINTS) expect(await named(usagePoint)).toEqual(await closed(usagePoint));
  });

  it('is sealed again in the same parts, in whatever order its usage points are asked', async () => {
    await move(true);
    const states = await Promise.all(POINTS.map((id) => usagePointState(world.as('archive'), id)));
    const { day } = localDay(DAY, ZONE);
    const frame = { usagePoint: 'home-1', meterId: METER, day, part: 1, subject: '', start, end: start + 86_400, minutes: 15, zone: ZONE };
    const frames = framesOf(states, frame);
    expect(frames.map(({ usagePoint, part }) => [usagePoint, part])).toEqual([
      ['home-1', 1],
      ['home-2', 2],
      ['home-1', 3],
    ]);
    expect(framesOf(states.toReversed(), frame)).toEqual(frames);
    expect(
      partsOfDay(
        states.map((state) => stayAt(state, METER)),
        at(0),
        at(24),
      ).map(({ number }) => number),
    ).toEqual([1, 2, 3]);
  });
});
