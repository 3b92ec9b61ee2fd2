import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPoints } from '../../lambdas/register/open-points.ts';
import { rebuildPoints } from '../../lambdas/register/point-projection.ts';
import { LOOKED_UP_MS, type ResealReport, resealPoint, runReseals } from '../../lambdas/register/reseal.ts';
import { rebuildResealAgenda, resealsDue } from '../../lambdas/register/reseal-agenda.ts';
import { resealDay } from '../../lambdas/register/reseal-day.ts';
import { correctTenancy, openAccount } from '../../lambdas/register/tenancy.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { verifyStream } from '../../platform/store/verify.ts';
import { discard, filesWith, verifyOptions } from '../contract/support/state.ts';
import { ASSET, cuts, METER, OTHER_METER } from './given.ts';
import { accessTo, closeDay, endsIn, frameOf, mortal, readDay, type SealedWorld, sealedWorld, streamOf, ZONE } from './sealed-days.ts';

const DAYS = ['2026-10-08', '2026-10-09', '2026-10-10', '2026-10-25'];
const startOf = (day: string) => localDay(day, ZONE).start * 1000;
const INSTALLED = startOf('2026-09-01');
const streamFor = (day: string, part = 1, meterId = METER) => streamOf(frameOf(meterId, day, '', { part }));

describe('days of a tenancy that was corrected', () => {
  let world: SealedWorld;
  let enrol: Platform;
  beforeEach(async () => {
    world = await sealedWorld();
    enrol = world.as('enrol');
    const point = {
      premises: 'p',
      zone: ZONE,
      areaLeaf: 'n',
      meterClass: 'residential' as const,
      tenant: { accountId: 'acc-a', from: INSTALLED },
    };
    await openPoints(enrol, [
      { usagePoint: 'up-0', ...point, meter: { meterId: METER, from: INSTALLED, asset: ASSET } },
      { usagePoint: 'up-1', ...point, meter: { meterId: OTHER_METER, from: INSTALLED, asset: ASSET } },
    ]);
    await openAccount(enrol, 'acc-b');
    for (const day of DAYS) await closeDay(world.as('close-day'), frameOf(METER, day, 'acc-a'));
    await closeDay(world.as('close-day'), frameOf(OTHER_METER, DAYS[0]!, 'acc-a', { usagePoint: 'up-1' }));
  });
  afterEach(() => {
    world.state.close();
    discard(world.state.directory);
  });

  const correct = async (...list: [subject: string, from: number][]) => {
    world.state.clock.advance(60_000);
    const correction = { since: INSTALLED + 1, cuts: cuts(...list), reason: 'told late', by: 'clerk' };
    await correctTenancy(world.as('enrol'), 'up-0', correction);
  };
  const rowsOf = (subject: string) => world.state.keys.as('archive').list(`usage/${subject}/2026-10/`);
  const read = (day: string, subject: string, part = 1, meterId = METER) =>
    readDay(world.as('close-day'), streamFor(day, part, meterId), subject);

  async function resealed(archive: () => Platform = () => world.as('archive')): Promise<ResealReport> {
    for (let run = 0; run < 5; run++) {
      const report = await resealPoint(archive(), 'up-0');
      if (report.waitsUntil === undefined) return report;
      world.state.clock.advance(report.waitsUntil - world.state.clock.now());
    }
    throw new Error('waits for ever');
  }

  it('R9.1-3: lie under the right key afterwards, the former tenant opens nothing of what moved, and the old key is gone from every file', async () => {
    const [old] = await rowsOf('acc-a');
    const key = await world.state.kms.as('archive').decrypt(old!.wrappedBy, old!.wrapped, { row: old!.id, subject: 'acc-a' });
    expect(filesWith(world.state.directory, old!.wrapped).length).toBeGreaterThan(0);
    await correct(['acc-b', startOf('2026-10-10')]);
    const report = await resealed();
    expect(report.destroyed).toEqual([old!.id]);
    expect(report.sealed).toBe(5);
    for (const day of ['2026-10-08', '2026-10-09']) {
      expect(endsIn(await read(day, 'acc-a'))).toHaveLength(96);
      expect(await read(day, 'acc-b')).toBe('ERR_SUBJECT_SEALED');
    }
    for (const day of ['2026-10-10', '2026-10-25']) {
      expect(endsIn(await read(day, 'acc-b'))).toHaveLength(day === '2026-10-25' ? 100 : 96);
      expect(await read(day, 'acc-a')).toBe('ERR_SUBJECT_SEALED');
    }
    expect(endsIn(await read(DAYS[0]!, 'acc-a', 1, OTHER_METER))).toHaveLength(96);
    for (const secret of [old!.wrapped, old!.wrapped.subarray(-48), key]) expect(filesWith(world.state.directory, secret)).toEqual([]);
    expect(await world.state.keys.wasDestroyed(old!.id)).toBe(true);
    for (const day of DAYS)
      expect((await verifyStream(world.state.database, streamFor(day), verifyOptions(world.state))).bad).toBeUndefined();
    expect(await resealsDue(enrol)).toEqual([]);
  });

  it('wait until nobody can seal under what was before, twice', async () => {
    await correct(['acc-b', startOf('2026-10-10')]);
    const corrected = world.state.clock.now();
    const first = (await runReseals(world.as('archive'))).get('up-0')!;
    expect(first).toEqual({ sealed: 0, destroyed: [], waitsUntil: corrected + LOOKED_UP_MS + 1 });
    expect(await rowsOf('acc-a')).toHaveLength(1);
    world.state.clock.advance(LOOKED_UP_MS + 1);
    const second = await resealPoint(world.as('archive'), 'up-0');
    expect(second).toMatchObject({ sealed: 0, destroyed: [], waitsUntil: world.state.clock.now() + LOOKED_UP_MS });
    expect(await rowsOf('acc-a')).toHaveLength(2);
    world.state.clock.advance(LOOKED_UP_MS - 1);
    expect((await resealPoint(world.as('archive'), 'up-0')).sealed).toBe(0);
    world.state.clock.advance(1);
    expect((await resealPoint(world.as('archive'), 'up-0')).destroyed).toHaveLength(1);
    expect(await rowsOf('acc-a')).toHaveLength(1);
  });

  it('are sealed once: again there is nothing to do, by the agenda, by hand, or after the directory was lost', async () => {
    await correct(['acc-b', startOf('2026-10-10')]);
    await resealed();
    expect((await runReseals(world.as('archive'))).size).toBe(0);
    expect(await resealPoint(world.as('archive'), 'up-0')).toEqual({ sealed: 0, destroyed: [] });
    world.directory.entries.clear();
    await rebuildPoints(enrol);
    await rebuildResealAgenda(enrol);
    const reports = [...(await runReseals(world.as('archive'))).values()];
    expect(reports).toEqual([
      { sealed: 0, destroyed: [] },
      { sealed: 0, destroyed: [] },
    ]);
  });

  it('are divided where a tenancy is cut inside a day, slot by slot, and put together again', async () => {
    const noon = startOf('2026-10-25') + 13 * 3_600_000;
    await correct(['acc-b', noon]);
    await resealed();
    const [morning, evening] = [endsIn(await read('2026-10-25', 'acc-a')), endsIn(await read('2026-10-25', 'acc-b', 2))];
    expect([morning.length, evening.length]).toEqual([52, 48]);
    expect(Math.max(...morning)).toBe(noon / 1000);
    expect(await read('2026-10-25', 'acc-a', 2)).toBe('ERR_SUBJECT_SEALED');
    await correct();
    await resealed();
    const whole = endsIn(await read('2026-10-25', 'acc-a'));
    expect([...whole].sort((a, b) => a - b)).toEqual([...morning, ...evening]);
    const [emptied] = (await read('2026-10-25', 'acc-b', 2)) as readonly { type: string; data: { history?: unknown } }[];
    expect([emptied!.type, emptied!.data.history]).toEqual(['DayResealed', []]);
  });

  it("that were the utility's before the home was registered go to the tenant", async () => {
    const late = '00124b00000000aa';
    await closeDay(world.as('close-day'), frameOf(late, '2026-10-09', 'utility', { usagePoint: late }));
    world.state.clock.advance(60_000);
    const point = { usagePoint: 'up-2', premises: 'p', zone: ZONE, areaLeaf: 'n', meterClass: 'residential' as const };
    const meter = { meterId: late, from: INSTALLED, asset: ASSET };
    await openPoints(world.as('enrol'), [{ ...point, meter, tenant: { accountId: 'acc-c', from: INSTALLED } }]);
    expect(await resealsDue(enrol)).toEqual(['up-2']);
    for (let run = 0; run < 3; run++) {
      await runReseals(world.as('archive'));
      world.state.clock.advance(LOOKED_UP_MS + 1);
    }
    expect(endsIn(await read('2026-10-09', 'acc-c', 1, late))).toHaveLength(96);
    expect(await read('2026-10-09', 'utility', 1, late)).toBe('ERR_SUBJECT_SEALED');
    expect(await resealsDue(enrol)).toEqual([]);
  });

  it.each([[0], [1], [2], [3], [4], [5], [6], [7]])('lose and double nothing when it breaks off after %i commits', async (moments) => {
    const noon = startOf('2026-10-09') + 12 * 3_600_000;
    await correct(['acc-b', noon]);
    const dying = mortal(world.as('archive'), moments);
    await resealed(() => dying).catch((error: Error) => expect(error.message).toBe('the process is gone'));
    await resealed();
    const parts = [endsIn(await read('2026-10-09', 'acc-a')), endsIn(await read('2026-10-09', 'acc-b', 2))];
    expect(parts.map(({ length }) => length)).toEqual([48, 48]);
    expect(new Set(parts.flat()).size).toBe(96);
    expect(endsIn(await read('2026-10-08', 'acc-a'))).toHaveLength(96);
    expect(endsIn(await read('2026-10-10', 'acc-b'))).toHaveLength(96);
    expect(await rowsOf('acc-a')).toHaveLength(1);
  });

  describe('one day of one meter', () => {
    const day = streamFor('2026-10-09');
    const pass = async (oldRows: readonly string[], reason: string) => ({
      platform: world.as('archive'),
      access: await accessTo(world.as('archive'), 'acc-a', 'acc-b'),
      oldRows: new Set(oldRows),
      reason,
    });
    const ids = async () => (await rowsOf('acc-a')).map(({ id }) => id);

    it('is not taken for sealed again when that was under a key that goes as well', async () => {
      const here = await ids();
      expect(await resealDay(await pass(here, 'first'), [day], undefined)).toBe(1);
      await expect(resealDay(await pass(here, 'first'), [day], undefined)).rejects.toMatchObject({ code: 'ERR_RESEAL_UNDER_OLD_KEY' });
    });

    it('is left alone where nothing that counts lies under the old key: it was sealed again since, or is erased', async () => {
      const before = await ids();
      world.state.clock.advance(1);
      const { keys, kms } = world.as('archive');
      const id = `usage/acc-a/2026-10/${String(world.state.clock.now()).padStart(13, '0')}`;
      const { wrapped } = await kms.generateDataKey('subject-kek', { row: id, subject: 'acc-a' });
      await keys.putIfAbsent({ id, wrapped, wrappedBy: 'subject-kek', createdAt: world.state.clock.now() });
      expect(await resealDay(await pass(before, 'first'), [day], undefined)).toBe(1);
      expect(await resealDay(await pass(before, 'second'), [day], undefined)).toBe(0);
      for (const row of before) await keys.destroy(row);
      await closeDay(world.as('close-day'), frameOf(METER, '2026-10-10', 'acc-a'));
      expect(await resealDay(await pass(before, 'third'), [streamFor('2026-10-10')], undefined)).toBe(0);
    });
  });

  it('that divide and join again survive any break as well', async () => {
    const noon = startOf('2026-10-09') + 12 * 3_600_000;
    await correct(['acc-b', noon]);
    await resealed();
    for (let moments = 0; moments < 6; moments++) {
      await correct(['acc-b', noon + (moments + 1) * 900_000]);
      const dying = mortal(world.as('archive'), moments);
      await resealed(() => dying).catch((error: Error) => expect(error.message).toBe('the process is gone'));
      await resealed();
      const parts = [endsIn(await read('2026-10-09', 'acc-a')), endsIn(await read('2026-10-09', 'acc-b', 2))];
      expect(parts.map(({ length }) => length)).toEqual([49 + moments, 47 - moments]);
      expect(new Set(parts.flat()).size).toBe(96);
    }
  });
});
