import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { erasureStanding, placeHold, requestErasure, withdrawErasure } from '../../lambdas/erasure/ask.ts';
import { correctMultiplier } from '../../lambdas/register/correct-multiplier.ts';
import { correctTenancy } from '../../lambdas/register/tenancy.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { localDay, meterDayStream, plusDays } from '../../lambdas/shared/days/local-days.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { Dice, Life, mortal } from '../property/mortal.ts';
import { FIRST, ZONE } from '../retention/retention-world.ts';
import { verified } from '../retention/verifying.ts';
import { accountOf, DAY_MS, ErasureTown, markOf } from './erasure-town.ts';
import { type Known, Readable } from './search.ts';

const ACCOUNT = accountOf(0);
let town: ErasureTown;
beforeEach(async () => {
  town = await ErasureTown.make();
  await town.days(3);
  for (const home of [0, 1]) await town.consent(home);
}, 60_000);
afterEach(() => town.close());

const rows = (account: string) => town.as('archive').keys.list(`usage/${account}/`);
const standing = () => erasureStanding(town.as('erasure'), ACCOUNT);
const sound = async () => (await verified(town)).filter((line) => !/ (archive|checkpoint) \d+$/.test(line));
const meterOf = (home: number) => town.homes[home]!.options.meterId;

async function eventsOf(account: string): Promise<string[]> {
  const types: string[] = [];
  for await (const { events } of town.as('auditor').events.read(`erasure/${account}`)) types.push(...events.map(({ type }) => type));
  return types;
}

/** Moved out, asked for, and late enough for days to go. */
async function due(): Promise<void> {
  await town.moveOut(0);
  await requestErasure(town.as('erasure'), ACCOUNT, { by: 'utility', person: 'ann' });
  town.clock.advance(61 * DAY_MS);
}

describe('an erasure', () => {
  it('C10.3-3: goes on from wherever the process ends, and does everything once', async () => {
    await due();
    const others = await rows(accountOf(1));
    let died = 0;
    for (let steps = 1; ; steps = Math.ceil(steps * 1.15)) {
      const life = new Life(new Dice(steps), steps);
      const { failed } = await town.erase(mortal(town.as('erasure'), life)).catch(() => ({ failed: ['all'] }));
      if (failed.length === 0 && !life.dead) break;
      died++;
      await town.open();
      expect(await sound()).toEqual([]);
    }
    expect(died).toBeGreaterThan(15);
    expect((await standing()).state.status).toBe('erased');
    expect(await eventsOf(ACCOUNT)).toEqual([
      ...['ErasureRequested', 'ErasureDeferred', 'AccessEndBegun', 'SubjectAccessEnded', 'KeyDestructionBegun'],
      ...['SubjectKeysDestroyed', 'ReadModelsCleared', 'RecipientNotified', 'SubjectErased', 'KeyDestructionBegun', 'SubjectKeysDestroyed'],
    ]);
    expect(await rows(ACCOUNT)).toEqual([]);
    expect(await rows(accountOf(1))).toEqual(others);
    const usage = town.as('erasure').models.table('day-usage');
    expect(await Array.fromAsync(usage.keys(`home-0/${ACCOUNT}`, ''))).toEqual([]);
    expect((await Array.fromAsync(usage.keys(`home-1/${accountOf(1)}`, ''))).length).toBe(3);
  }, 300_000);

  it('C10.3-3: has no key made again for whoever comes late, and whoever erases can open nothing of anybody', async () => {
    await due();
    const eraser = town.as('erasure');
    const access = await openSubjectData({ ...eraser, events: town.as('archive').events } as Platform, {
      purpose: 'reseal',
      from: 0,
      until: 4e12,
      subjects: [accountOf(1)],
    });
    await expect(Array.fromAsync(eraser.events.read(meterDayStream(meterOf(1), FIRST, 1), 0, access))).rejects.toMatchObject({
      code: 'ERR_KMS_ACCESS_DENIED',
    });
    await town.erase();
    const key = { of: 'usage', subject: ACCOUNT, month: FIRST.slice(0, 7) } as const;
    await expect(town.as('close-day').events.prepare([key])).rejects.toMatchObject({ code: 'ERR_SUBJECT_ERASED' });
    const [before, after] = [
      { ...key, month: '2025-12' },
      { ...key, month: '2031-01' },
    ];
    for (const month of [before, after])
      await expect(town.as('close-day').events.prepare([month])).rejects.toMatchObject({ code: 'ERR_SUBJECT_ERASED' });
    for (const month of [key, before, after]) await town.as('close-day').events.prepare([{ ...month, subject: accountOf(1) }]);
    expect(await rows(ACCOUNT)).toEqual([]);
  });

  it('C10.3-3: a row that somebody made in the same moment is swept away', async () => {
    await due();
    await town.erase();
    expect((await standing()).state.status).toBe('erased');
    for (const kind of ['usage', 'billing'] as const) {
      const writer = town.as(kind === 'usage' ? 'close-day' : 'billing').keys;
      const late = { id: `${kind}/${ACCOUNT}/2031-01`, wrapped: Buffer.alloc(60), wrappedBy: 'subject-kek', createdAt: town.clock.now() };
      await writer.putIfAbsent(late);
      expect(await town.as('archive').keys.list(`${kind}/${ACCOUNT}/`)).toHaveLength(1);
      expect((await town.erase()).progress).toMatchObject([{ account: ACCOUNT, status: 'erased' }]);
      expect(await town.as('archive').keys.list(`${kind}/${ACCOUNT}/`)).toEqual([]);
      await expect(writer.putIfAbsent(late)).rejects.toMatchObject({ code: 'ERR_KEY_DESTROYED' });
    }
  });

  it('C10.3-3: is looked at every day, whatever a hint says', async () => {
    await due();
    await town.as('erasure').directory.put([{ key: `erasure-next/${ACCOUNT}`, value: Buffer.from('9000000000000000') }]);
    expect((await town.erase()).progress).toMatchObject([{ account: ACCOUNT, status: 'erased' }]);
    await town.as('erasure').directory.put([{ key: `erasure-next/${ACCOUNT}`, value: Buffer.from('9000000000000000') }]);
    expect((await town.erase()).progress).toEqual([]);
    town.clock.advance(DAY_MS);
    expect((await town.erase()).progress).toMatchObject([{ account: ACCOUNT, status: 'erased' }]);
  });

  it('C10.3-3: lasts as long as the customer does, and can be taken back', async () => {
    await requestErasure(town.as('erasure'), ACCOUNT, { by: 'customer' });
    town.clock.advance(100 * DAY_MS);
    expect((await town.erase()).progress).toMatchObject([{ account: ACCOUNT, waitsFor: 'tenancy' }]);
    expect((await standing()).completeAt).toBeUndefined();
    await withdrawErasure(town.as('erasure'), ACCOUNT, 'customer');
    expect((await standing()).state.status).toBe('none');
    expect(await rows(ACCOUNT)).toHaveLength(1);
  });

  it('C10.3-3: a hold that is placed before anybody asks keeps everything', async () => {
    await placeHold(town.as('erasure'), ACCOUNT, { hold: 'audit-3', legalBasis: 'an audit' }, 'ann');
    await due();
    expect((await town.erase()).progress).toMatchObject([{ waitsFor: 'hold' }]);
    expect(await rows(ACCOUNT)).toHaveLength(1);
  });
});

describe('a meter that says nothing any more', () => {
  const known: Known = { value: markOf(0), amounts: [], words: [] };
  const waits = async () => (await town.erase()).progress.map(({ status, waitsFor }) => waitsFor ?? status);
  const left = async () => (await Readable.of(town, { state: town.directory })).find(known);

  it('C10.3-3: keeps its last values in the state of its segment: the erasure waits until it has spoken, and they are gone', async () => {
    town.silent.add(0);
    town.bills = false;
    await town.moveOut(0);
    await requestErasure(town.as('erasure'), ACCOUNT, { by: 'customer' });
    await town.weeks(9);
    await town.erase();
    expect((await standing()).state.status).toBe('erased');
    await town.weeks(10);
    expect(await waits()).toEqual(['silent']);
    expect(await left()).toContain('state checkpoint');
    town.silent.delete(0);
    await town.days(2);
    expect(await waits()).toEqual(['telemetry']);
    await town.weeks(9);
    expect(await waits()).toEqual(['complete']);
    expect(await left()).toEqual([]);
  }, 300_000);
});

describe('an erasure and a corrected tenancy', () => {
  const since = (day: number) => localDay(plusDays(FIRST, day), ZONE).start * 1000;
  const correct = (cuts: readonly [string, number][]) =>
    correctTenancy(town.as('enrol'), 'home-0', {
      ...{ since: since(0), reason: 'told late', by: 'clerk' },
      cuts: cuts.map(([subject, from]) => ({ subject, from })),
    });
  const opens = async (day: number, account: string) => {
    const platform = town.as('billing');
    const access = await openSubjectData(platform, { purpose: 'billing', from: 0, until: 4e12, subjects: [account] });
    const found = await Array.fromAsync(platform.events.read(meterDayStream(meterOf(0), plusDays(FIRST, day), 1), 0, access));
    return found.at(-1)!.erased === undefined;
  };

  it('C10.3-3: days that turned out to be a neighbour’s are sealed again first, and stay', async () => {
    await town.moveOut(0);
    await requestErasure(town.as('erasure'), ACCOUNT, { by: 'customer' });
    town.clock.advance(61 * DAY_MS);
    await correct([
      [ACCOUNT, since(0)],
      [accountOf(1), since(1)],
      ['utility', since(3)],
    ]);
    expect((await town.erase()).progress).toMatchObject([{ status: 'requested', waitsFor: 'reseal' }]);
    await town.reseal();
    await town.erase();
    expect((await standing()).state.status).toBe('erased');
    expect(await opens(0, ACCOUNT)).toBe(false);
    expect(await opens(1, accountOf(1))).toBe(true);
    expect(await opens(2, accountOf(1))).toBe(true);
    expect(await sound()).toEqual([]);
  });

  it('C10.3-3: a multiplier that is corrected over erased days keeps nobody’s days from being closed', async () => {
    await due();
    await town.erase();
    const correction = { meterId: meterOf(0), channel: 0, multiplier: 2, validFrom: since(0), reason: 'read wrongly', by: 'clerk' };
    await correctMultiplier({ register: town.as('enrol'), days: town.as('close-day') }, 'home-0', correction);
    await town.days(1);
    expect(await opens(0, ACCOUNT)).toBe(false);
    expect(await rows(ACCOUNT)).toEqual([]);
    const platform = town.as('billing');
    const access = await openSubjectData(platform, { purpose: 'billing', from: 0, until: 4e12, subjects: [accountOf(1)] });
    const day = await Array.fromAsync(platform.events.read(meterDayStream(meterOf(1), plusDays(FIRST, 3), 1), 0, access));
    expect(day.length).toBeGreaterThan(0);
  });

  it('C10.3-3: nothing is given to whoever is erased', async () => {
    await due();
    await town.erase();
    await expect(correct([[ACCOUNT, since(0)]])).rejects.toMatchObject({ code: 'ERR_ACCOUNT_CLOSED' });
    await correct([[accountOf(1), since(0)]]);
    await town.reseal();
    await town.erase();
    expect(await opens(0, accountOf(1))).toBe(false);
    expect(await rows(ACCOUNT)).toEqual([]);
    expect(await sound()).toEqual([]);
  });
});
