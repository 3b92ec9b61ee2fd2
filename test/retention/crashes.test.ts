import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runRetention } from '../../lambdas/retention/run-retention.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { localDay, plusDays, provisionalAt } from '../../lambdas/shared/days/local-days.ts';
import { type DayReadings, meterDays } from '../../lambdas/shared/days/meter-days.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { Dice, Life, mortal } from '../property/mortal.ts';
import { FIRST, RetentionWorld, STREAM, valueAt, ZONE } from './retention-world.ts';
import { tamper, verified } from './verifying.ts';

const DUE = Date.UTC(2027, 2, 2, 12);
const WINDOW = { from: plusDays(FIRST, -1), until: plusDays(FIRST, 12) };

let world: RetentionWorld;
beforeEach(async () => {
  world = await RetentionWorld.make();
});
afterEach(() => world.close());

async function answer(): Promise<DayReadings[]> {
  const billing = world.as('billing');
  const access = await openSubjectData(billing, { purpose: 'billing', from: 0, until: 4e12, subjects: ['utility'] });
  const found: DayReadings[] = [];
  for (const { options } of world.homes) found.push(...(await Array.fromAsync(meterDays(billing, options, WINDOW, access))));
  return found;
}

/** The archive function as a process that ends after so many steps; what is put and deleted in the object store counts as well. */
function dying(steps: number): Platform {
  const life = new Life(new Dice(steps + 1), steps);
  const platform = world.as('archive');
  const { objects } = platform;
  return {
    ...mortal(platform, life),
    objects: {
      put: (key, body) => life.through(() => objects.put(key, body)),
      get: (key) => life.through(() => objects.get(key)),
      delete: (key) => life.through(() => objects.delete(key)),
      list: (prefix) => life.through(() => objects.list(prefix)),
      olderThan: (prefix, instant) => life.through(() => objects.olderThan(prefix, instant)),
    },
  };
}

/** Runs that die a little later each time, each followed by a look at everything. @returns how many died */
async function deathsUntilDone(before: readonly DayReadings[]): Promise<number> {
  let died = 0;
  for (let steps = 1; ; steps = Math.ceil(steps * 1.35)) {
    const { failed } = await runRetention(dying(steps)).catch(() => ({ failed: 1 }));
    if (failed === 0) return died;
    died++;
    await world.open();
    expect(await answer()).toEqual(before);
    expect(await sound()).toBe(true);
  }
}

const sound = async () => (await verified(world)).every((line) => / (archive|checkpoint) \d+$/.test(line));

describe('a run of retention that breaks off', () => {
  it('anywhere loses nothing, and the next run finishes it', async () => {
    await world.live(4, { retain: false });
    for (let n = 4; n < 40; n++) await world.closeDay(plusDays(FIRST, n));
    const before = await answer();
    expect(before).toHaveLength(24);
    expect(await deathsUntilDone(before)).toBeGreaterThan(6);
    expect(await world.as('auditor').events.anchor(STREAM)).toMatchObject({ why: 'checkpoint' });
    world.clock.set(DUE);
    expect(await deathsUntilDone(before)).toBeGreaterThan(6);
    expect(await runRetention(world.as('archive'))).toMatchObject({ months: 0, failed: 0, swept: 0 });
    expect(await answer()).toEqual(before);
    expect(await world.as('archive').objects.list('archive/')).toHaveLength(2);
    expect((await verified(world)).filter((line) => line.includes(' archive '))).toHaveLength(await daysThere());
    expect(await world.as('archive').objects.list('checkpoints/')).toHaveLength(1);
  });

  it('between the anchor and the deletion hides what is left, and the next run deletes it', async () => {
    await world.live(2, { retain: false });
    for (let n = 2; n < 34; n++) await world.closeDay(plusDays(FIRST, n));
    const before = await answer();
    tamper(world, (database) => database.exec('CREATE TABLE kept AS SELECT * FROM commits'));
    expect((await runRetention(world.as('archive'))).segments[0]!.events).toBeGreaterThan(4);
    world.clock.set(DUE);
    expect((await runRetention(world.as('archive'))).days).toBeGreaterThan(8);
    const after = await answer();
    tamper(world, (database) => {
      database.exec('INSERT OR IGNORE INTO commits SELECT * FROM kept');
      database.exec('DROP TABLE kept');
      database.exec('UPDATE trims SET finished = 0');
    });
    expect(commitsBelowAnchors()).toBeGreaterThan(20);
    expect(after).toEqual(before);
    expect(await answer()).toEqual(before);
    expect(await sound()).toBe(true);
    await runRetention(world.as('archive'));
    expect(commitsBelowAnchors()).toBe(0);
    expect(await answer()).toEqual(before);
  });
});

describe('what is asked of meter days', () => {
  it('has one answer before and after trimming and archiving, whatever was lost and whenever retention ran', async () => {
    const days = fc.array(fc.record({ lost: fc.integer({ min: 0, max: 95 }), retained: fc.boolean() }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(days, fc.array(fc.integer({ min: 1, max: 600 }), { maxLength: 3 }), async (played, deaths) => {
        const own = await RetentionWorld.make();
        const outer = world;
        world = own;
        try {
          for (const [n, { lost, retained }] of played.entries()) await liveWith(plusDays(FIRST, n), lost, retained);
          for (let n = played.length; n < played.length + 34; n++) await world.closeDay(plusDays(FIRST, n));
          world.clock.set(DUE);
          const before = await answer();
          for (const steps of deaths) await runRetention(dying(steps)).catch(() => undefined);
          await runRetention(world.as('archive'));
          await world.open();
          expect(await answer()).toEqual(before);
          expect(before.length).toBeGreaterThanOrEqual(2 * played.length);
          expect(await sound()).toBe(true);
        } finally {
          world = outer;
          await own.close();
        }
      }),
      { numRuns: 3 },
    );
  });
});

/** A day of which one slot of the first home never arrives. */
async function liveWith(day: string, lost: number, retained: boolean): Promise<void> {
  const { start, end } = localDay(day, ZONE);
  const missing = start + (lost + 1) * 900;
  for (const [home, meter] of world.homes.entries()) {
    for (let at = start + 900; at <= end; at += 900) {
      meter.measure(at, valueAt(at, home));
      if (at === missing - 900 || at === missing || at === end) {
        const frames = meter.frames(at);
        if (home !== 0 || at !== missing) await world.closing.say(meter, frames, Math.max(at * 1000 + 90_000, world.clock.now()));
      }
    }
  }
  await world.checkpoint();
  world.clock.set(Math.max(world.clock.now(), provisionalAt(day, ZONE)));
  await world.closeDay(day);
  if (retained) await runRetention(world.as('archive'));
}

async function daysThere(): Promise<number> {
  const streams = await Array.fromAsync(world.as('archive').events.streams('meterday/'));
  return streams.filter((stream) => stream.includes('/2026-01-')).length;
}

/** Commits that are still in the file though the stream begins behind them. */
function commitsBelowAnchors(): number {
  let count = 0;
  tamper(world, (database) => {
    const row = database
      .prepare('SELECT count(*) AS n FROM commits JOIN anchors USING (stream) WHERE commits.version <= anchors.version')
      .get();
    count = (row as { n: number }).n;
  });
  return count;
}
