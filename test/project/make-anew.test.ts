import { beforeEach, expect, it } from 'vitest';
import { JoulekeepError } from '../../events/errors.ts';
import { DAY_TABLES } from '../../lambdas/project/day-projection.ts';
import { DAY_SUMMARIES } from '../../lambdas/project/day-summaries.ts';
import { makeCompositions } from '../../lambdas/project/handler.ts';
import { isBeingMade, leaveToFeed, makeAnew } from '../../lambdas/project/make-anew.ts';
import { MODELS, rebuildModel } from '../../lambdas/project/rebuild.ts';
import { makeRefold } from '../../lambdas/refold/handler.ts';
import { raiseFence } from '../../lambdas/shared/restore-fence.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { lambdaContext } from '../support/sqs.ts';
import { collected, DAY, DayBook, finalized, frame, restated } from './day-facts.ts';
import { contents, follower } from './following.ts';

const METERS = ['m1', 'm2', 'm3'];
const never = () => false;
const atOnce = () => true;

/** What was lost: every day was stated again, and one meter came. */
let lost: DayBook;
/** The same as it was put back. */
let restored: DayBook;
let platform: Platform;

beforeEach(async () => {
  lost = new DayBook();
  restored = new DayBook();
  for (const book of [lost, restored])
    for (const meterId of METERS) await book.record(`${meterId}/${DAY}`, 'anna', collected(frame({ meterId })), finalized(1));
  for (const meterId of METERS) await lost.record(`${meterId}/${DAY}`, 'anna', restated(2, 1), restated(3, 2));
  await lost.record(`m9/${DAY}`, 'anna', collected(frame({ meterId: 'm9' })), finalized(1));
  expect(await follower(lost.world.as('project'))(lost.arrivals)).toEqual([]);
  platform = { ...restored.world.as('project'), models: lost.world.models.as('project') };
});

const fence = (at = 1) => raiseFence(platform.directory, at);
const shown = () => contents(lost.world, DAY_TABLES);

/** What the streams of a world make, as tables. */
async function madeOf(book: DayBook) {
  const world = new MemoryWorld();
  await rebuildModel({ ...book.world.as('project'), models: world.models.as('project') }, 'days');
  return contents(world, DAY_TABLES);
}

it('without a restore nothing is done; after one the tables are those that the streams make', async () => {
  const before = shown();
  expect(await makeAnew(platform, never)).toEqual({ left: [], streams: 0, failed: 0 });
  expect(shown()).toEqual(before);
  await fence();
  const { left, failed } = await makeAnew(platform, never);
  expect([left, failed]).toEqual([[], 0]);
  expect(shown()).toEqual(await madeOf(restored));
  expect(shown()).not.toEqual(before);
  expect(await makeAnew(platform, never)).toEqual({ left: [], streams: 0, failed: 0 });
});

it('what is recorded in the places that are free again is taken up: by the feed, while the tables are being filled as well', async () => {
  await fence();
  expect((await makeAnew(platform, atOnce)).left).not.toEqual([]);
  await restored.record(`m1/${DAY}`, 'anna', restated(2, 700));
  expect(await follower(platform)(restored.arrivals.slice(-1))).toEqual([]);
  while ((await makeAnew(platform, never)).left.length > 0);
  expect(shown()).toEqual(await madeOf(restored));
  expect(JSON.stringify(shown())).toContain('700');
});

it('what was taken back is shown to nobody from the first moment on, and nobody is shown a part', async () => {
  const reader = lost.world.models.as('usage-api').table(DAY_SUMMARIES);
  const keys = async () => (await Array.fromAsync(reader.keys('up-1', ''))).length;
  expect(await keys()).toBe(4);
  await fence();
  const { left } = await makeAnew(platform, atOnce);
  expect(left).toEqual(MODELS.slice(MODELS.length - left.length));
  expect(left).toContain('days');
  await expect(keys()).rejects.toMatchObject({ code: 'ERR_MODEL_UNAVAILABLE', retryable: true });
  while ((await makeAnew(platform, never)).left.length > 0);
  expect(await keys()).toBe(3);
});

it('a run that ends early goes on where it was, stream by stream', async () => {
  for (let i = 0; i < 1_200; i++) await restored.record(`m${i}/2026-01-02`, 'anna', collected(frame({ meterId: `m${i}` })));
  await fence();
  let runs = 0;
  let taken = 0;
  for (;;) {
    const { left, streams } = await makeAnew(platform, atOnce);
    runs++;
    taken += streams;
    if (left.length === 0) break;
  }
  expect(runs).toBeGreaterThan(2);
  const streams = await Promise.all(
    ['segment/', 'meterday/', 'relay/', 'meter/', 'access/', 'audit/'].map((of) => Array.fromAsync(platform.events.streams(of))),
  );
  // Accesses are recorded while days are opened: those are more than there are now, and none twice.
  expect(taken).toBeLessThanOrEqual(streams.flat().length);
  expect(taken).toBeGreaterThanOrEqual(1_203);
  expect(shown()).toEqual(await madeOf(restored));
});

it('a second restore on the way begins again', async () => {
  await fence();
  await makeAnew(platform, atOnce);
  await fence(2);
  await makeAnew(platform, never);
  expect(shown()).toEqual(await madeOf(restored));
});

it('a stream that can not be read keeps no other away, and says so; a store that is away is waited for', async () => {
  const failing = (fault: Error): Platform => {
    const read: Platform['events']['read'] = (stream, ...rest) => {
      if (stream.startsWith('meterday/m2')) throw fault;
      return restored.world.events.read(stream, ...rest);
    };
    const events = new Proxy(restored.world.events, {
      get: (of, name) => {
        const found = name === 'read' ? read : Reflect.get(of, name);
        return typeof found === 'function' ? found.bind(of) : found;
      },
    });
    return { ...platform, events };
  };
  await fence();
  const away = new JoulekeepError('ERR_STORE_UNAVAILABLE', 'away', { retryable: true });
  await expect(makeAnew(failing(away), never)).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
  const damaged = new JoulekeepError('ERR_COMMIT_DAMAGED', 'damaged');
  const { left, failed } = await makeAnew(failing(damaged), never);
  expect([left, failed]).toEqual([[], 1]);
  const told = restored.world.logged.filter(({ fields }) => fields?.code === 'ERR_COMMIT_DAMAGED');
  expect(told.map(({ fields }) => fields?.stream)).toEqual([`meterday/m2/${DAY}`]);
  const summaries = contents(lost.world, [DAY_SUMMARIES])[DAY_SUMMARIES]!;
  expect(summaries.filter((line) => line.startsWith('up-1'))).toHaveLength(2);
});

it('leaves are not made up of days that are not whole', async () => {
  const compose = makeCompositions(platform, defencesUnderTest());
  const warned = () => restored.world.logged.filter(({ fields }) => fields?.code === 'RESTORED').length;
  await fence();
  await makeAnew(platform, atOnce);
  await compose({} as never, lambdaContext('compositions'));
  expect(warned()).toBe(1);
  while ((await makeAnew(platform, never)).left.length > 0);
  await compose({} as never, lambdaContext('compositions'));
  expect(warned()).toBe(1);
});

it('where the feed tells of every commit from the first, nothing is left to do', async () => {
  await fence();
  await leaveToFeed(platform.directory);
  const before = shown();
  expect(await makeAnew(platform, never)).toEqual({ left: [], streams: 0, failed: 0 });
  expect(shown()).toEqual(before);
});

it('the function ends before its time is over', async () => {
  for (let i = 0; i < 600; i++) await restored.record(`m${i}/2026-01-02`, 'anna', collected(frame({ meterId: `m${i}` })));
  await fence();
  const { clock } = restored.world;
  const now = () => {
    clock.advance(7 * 60_000);
    return clock.now();
  };
  const refold = makeRefold({ ...platform, clock: { now } });
  await refold({} as never, lambdaContext('refold'));
  const said = () => restored.world.logged.filter(({ message }) => message === 'streams taken up after a restore');
  expect(said().at(-1)?.fields?.reason).toContain('days');
  let runs = 1;
  for (; await isBeingMade(platform.directory, 'accesses'); runs++) await refold({} as never, lambdaContext('refold'));
  expect(runs).toBeGreaterThan(2);
  expect(shown()).toEqual(await madeOf(restored));
});
