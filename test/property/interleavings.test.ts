import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HOUR } from '../keys/scene.ts';
import { StressedTown, type Trouble } from './stressed-town.ts';

/** More for a longer look: JOULEKEEP_RUNS=1000. A failure names its seed; with JOULEKEEP_SEED it is played again and made small. */
const RUNS = Number(process.env['JOULEKEEP_RUNS'] ?? 80);
const SEED = process.env['JOULEKEEP_SEED'];
const SETTLE_DAYS = 20;

type Step =
  | { readonly kind: 'hours'; readonly count: number; readonly loss: number }
  | { readonly kind: 'work'; readonly trouble: Trouble; readonly hold: number; readonly again: number; readonly deaf: number }
  | { readonly kind: 'reboot'; readonly house: number; readonly withNvram: boolean }
  | { readonly kind: 'backup' | 'restore' | 'duties' };

const percent = fc.constantFrom(0, 0, 10, 30, 60);
const moments = fc.integer({ min: 1, max: 120 });
const trouble: fc.Arbitrary<Trouble> = fc.record(
  {
    kill: fc.record({ worker: fc.nat(2), moments }),
    move: fc.record({ house: fc.nat(2), to: fc.nat(2), moments: fc.oneof(fc.constant(1_000_000), moments) }),
    killKeys: moments,
  },
  { requiredKeys: [] },
);
const work = fc.record({ kind: fc.constant('work' as const), trouble, hold: percent, again: percent, deaf: percent });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('hours' as const), count: fc.integer({ min: 1, max: 9 }), loss: percent }) },
  { weight: 6, arbitrary: work },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reboot' as const), house: fc.nat(2), withNvram: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('backup' as const, 'restore' as const, 'duties' as const) }) },
);

async function take(town: StressedTown, step: Step): Promise<void> {
  switch (step.kind) {
    case 'hours':
      return town.hours(step.count, step.loss);
    case 'work':
      town.flush(step.hold, step.again);
      await town.work(step.trouble, step.again);
      return town.hear(step.deaf);
    case 'reboot':
      return town.reboot(step.house, step.withNvram);
    case 'backup':
      return town.backup();
    case 'restore':
      return town.restore();
    case 'duties':
      return town.duties();
  }
}

async function quietly(town: StressedTown, hours: number): Promise<void> {
  for (let hour = 0; hour < hours; hour++) {
    await town.hours(1, 0);
    await workOff(town);
  }
}

/** Nothing goes wrong any more. Time passes until everything measured before is stored, or the days are over. */
async function settle(town: StressedTown): Promise<void> {
  const until = town.now;
  // Hourly: among other things, a move that broke off is finished.
  await town.duties();
  for (let hour = 0; hour < SETTLE_DAYS * 24; hour += 6) {
    for (let i = 0; i < 6; i++) {
      await town.hours(1, 0);
      if (i % 3 === 2) await workOff(town);
    }
    await town.duties();
    const stored = await town.stored();
    if ([...town.measured(until).keys()].every((slot) => stored.has(slot))) break;
  }
  await workOff(town);
  const stored = await town.stored();
  const missing = [...town.measured(until)].filter(([slot]) => !stored.has(slot)).map(([slot]) => slot);
  expect(missing, `not stored ${SETTLE_DAYS} days after the last fault`).toEqual([]);
}

async function workOff(town: StressedTown): Promise<void> {
  for (let round = 0; round < 30; round++) {
    town.flush(0, 0);
    await town.work({}, 0);
    await town.hear(0);
    if (town.queued === 0) return;
  }
  expect(town.queued, JSON.stringify(town.scene.world.logged.slice(-5))).toBe(0);
}

it('T8-P1: whatever is lost, repeated, delayed, killed, moved or restored, the MDMS ends with what the meters measured', async () => {
  const property = fc.asyncProperty(fc.integer(), fc.array(step, { minLength: 8, maxLength: 40 }), async (seed, steps) => {
    const town = await StressedTown.make(3, seed);
    for (const one of steps) await take(town, one);
    await settle(town);
    const stored = await town.stored();
    const measured = town.measured();
    for (const [slot, value] of stored) expect(value, slot).toBe(measured.get(slot));
    expect(await town.miscounted()).toEqual([]);
  });
  await fc.assert(property, { numRuns: RUNS, endOnFailure: SEED === undefined, ...(SEED === undefined ? {} : { seed: Number(SEED) }) });
}, 3_600_000);

it('T8.1-2: what a restore from a backup took, though it was acknowledged, is asked for again and comes back', async () => {
  const town = await StressedTown.make(2, 1);
  await quietly(town, 5);
  town.backup();
  await quietly(town, 30);
  const { meter } = town.houses[0]!;
  const [acknowledged] = meter.status.ackedTo;
  expect(acknowledged).toBeGreaterThan(town.now - 24 * HOUR);
  const before = await town.stored();
  await town.restore();
  expect((await town.stored()).size).toBeLessThan(before.size / 2);
  await settle(town);
  expect(await town.stored()).toEqual(town.measured());
}, 60_000);
