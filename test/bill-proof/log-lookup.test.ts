import { beforeEach, describe, expect, it } from 'vitest';
import { LogLookup } from '../../lambdas/bill-proof/log-lookup.ts';
import { CHECKPOINTS } from '../../lambdas/log/places.ts';
import type { Arrival } from '../../platform/embedded/event-database.ts';
import { LogWorld, MINUTE } from '../log/log-world.ts';

const HOUR = 60 * MINUTE;
const HOURS = 30;

let log: LogWorld;
/** What was listed, and the bundles of entries that were read. */
let listed: string[];
let bundles: Set<string>;

const objects = {
  get: async (key: string) => {
    if (key.includes('/entries/')) bundles.add(key);
    return await log.world.objects.get(key);
  },
  list: async (prefix: string) => {
    listed.push(prefix);
    return await log.world.objects.list(prefix);
  },
};

async function placeOf({ stream, version, hash, recordedAt }: Arrival): Promise<number> {
  [listed, bundles] = [[], new Set()];
  const lookup = await LogLookup.open(objects);
  return (await lookup.place({ stream, version, hash: hash!, recordedAt })).index;
}

async function removeDays(): Promise<void> {
  for (const key of await log.world.objects.list('log/signed/')) await log.world.objects.delete(key);
}

beforeEach(async () => {
  log = new LogWorld();
  for (let hour = 0; hour < HOURS; hour++) {
    await log.tell(log.commit(100));
    log.world.clock.advance(MINUTE);
    await log.run();
    log.world.clock.advance(HOUR - MINUTE);
  }
});

describe('the place of a commit in the log', () => {
  it('is found by the checkpoints of its day: no list of all of them, and few entries', async () => {
    for (const index of [0, 99, 100, 1_234, 2_400, 2_999]) {
      expect(await placeOf(log.arrivals[index]!)).toBe(index);
      // Those of the first hour have no checkpoint before them.
      if (index < 100) continue;
      expect(listed, `${index}`).not.toContain(CHECKPOINTS);
      expect(bundles.size, `${index}`).toBeLessThanOrEqual(2);
    }
  });

  it('is found as well in a log whose checkpoints have no days, and in one whose days began later', async () => {
    const [first, second] = [...new Set((await log.world.objects.list('log/signed/')).map((key) => key.split('/')[2]!))];
    expect(second).toBeDefined();
    for (const key of await log.world.objects.list(`log/signed/${first}/`)) await log.world.objects.delete(key);
    for (const index of [0, 1_234, 2_999]) expect(await placeOf(log.arrivals[index]!)).toBe(index);
    await removeDays();
    for (const index of [0, 1_234, 2_999]) {
      expect(await placeOf(log.arrivals[index]!)).toBe(index);
      expect(listed, `${index}`).toContain(CHECKPOINTS);
      expect(bundles.size, `${index}`).toBeLessThanOrEqual(2);
    }
  });

  it('is found after days in which nothing came', async () => {
    log.world.clock.advance(10 * 24 * HOUR);
    await log.tell(log.commit(1));
    await log.run();
    expect(await placeOf(log.arrivals.at(-1)!)).toBe(3_000);
    expect(bundles.size).toBe(1);
  });

  it('is found in a log whose time stepped back, on both sides of the step, and what waits is nowhere', async () => {
    log.world.clock.advance(-20 * HOUR);
    for (let hour = 0; hour < 10; hour++) {
      await log.tell(log.commit(100));
      log.world.clock.advance(MINUTE);
      await log.run();
      log.world.clock.advance(HOUR - MINUTE);
    }
    for (const index of [0, 1_234, 1_500, 2_999, 3_000, 3_999]) expect(await placeOf(log.arrivals[index]!)).toBe(index);
    const [waiting] = log.commit(1);
    await expect(placeOf(waiting!)).rejects.toMatchObject({ code: 'ERR_PROOF_EARLY', retryable: true });
  });

  it('is found where no clock of the log ever was: its time is a guess', async () => {
    const recordedAt = log.world.clock.now() + 9 * 24 * HOUR;
    for (const index of [0, 1_234, 2_999]) expect(await placeOf({ ...log.arrivals[index]!, recordedAt })).toBe(index);
  });
});
