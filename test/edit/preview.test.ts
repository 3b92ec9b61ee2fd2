import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Day } from '../../api/days.ts';
import type { Edited, Preview } from '../../api/edits.ts';
import type { DataAccessed } from '../../events/index.ts';
import { billPeriod, rerateForRestatement } from '../../lambdas/billing/bill-period.ts';
import { openBilling } from '../../lambdas/billing/open-billing.ts';
import { endTenancy } from '../../lambdas/register/tenancy.ts';
import { valueAt } from '../meterday/days.ts';
import { ACCOUNT, BEFORE_DAYS, DAY, EditWorld, frameOf, PATH, POINT } from './edit-world.ts';

const WHY = { reason: 'meter-read', note: '' } as const;
const JANUARY = { from: '2026-01-01', until: '2026-02-01' };
const BOB = { as: 'bob', role: 'supervisor' } as const;
const RUNS = { numRuns: 12 };

/** A home that somebody lived in for six days, on a tariff with tiers, a daily charge and tax: all of them closed. */
async function tenantOfSixDays(): Promise<EditWorld> {
  const world = new EditWorld();
  await world.tariff('tiers', {
    charges: [
      {
        kind: 'energy',
        code: 'energy',
        pricing: {
          kind: 'tiers',
          perDays: 6,
          tiers: [
            { band: 'low', upToKWh: '60', perKWh: '0.1423' },
            { band: 'high', perKWh: '0.2711' },
          ],
        },
        tax: 'vat',
      },
      { kind: 'standing', code: 'standing', perDay: '0.2617', tax: 'vat' },
    ],
    taxes: [{ group: 'vat', code: 'vat', percent: '5' }],
  });
  await world.home(undefined, undefined, undefined, undefined, 'tiers');
  await endTenancy(world.world.as('enrol'), POINT, BEFORE_DAYS + 6 * 86_400_000);
  for (let day = 10; day < 16; day++) await world.finalDay(frameOf(undefined, `2026-01-${day}`));
  return world;
}

const slotSet = fc
  .uniqueArray(fc.integer({ min: 0, max: 95 }), { minLength: 1, maxLength: 12 })
  .map((slots) => slots.sort((a, b) => a - b));
const valuesEdit = slotSet.chain((slots) =>
  fc.record({
    kind: fc.constantFrom('values', 'agreed'),
    channel: fc.constant(0),
    slots: fc.constant(slots),
    energyWh: fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: slots.length, maxLength: slots.length }),
    reason: fc.constant('meter-read'),
    note: fc.constant(''),
  }),
);

describe('preview', () => {
  it('says what saving then does: energy slot by slot, and the bill to the last unit', async () => {
    await fc.assert(
      fc.asyncProperty(valuesEdit, async (edit) => {
        const world = await tenantOfSixDays();
        const billing = async () => openBilling(world.world.as('billing'), [ACCOUNT], JANUARY);
        const request = { account: ACCOUNT, usagePoint: POINT, ...JANUARY };
        const first = await billPeriod(await billing(), request);
        expect(first.events.map(({ type }) => type)).toEqual(['BillComputed']);
        const { body: preview } = await world.ask<Preview>('POST', `${PATH}/preview`, { body: edit });
        expect(preview).toMatchObject({ needsSecondPerson: true, money: { currency: 'GBP', notFinal: 0 } });
        expect((await world.day()).lastEdit).toBe(0);

        const { body: proposed } = await world.change<Edited>('/edits', edit);
        // What waits is shown as it was asked for, to whoever proposed it and to whoever decides.
        const waiting = { kind: 'approve', edit: proposed.edit };
        for (const who of [{}, BOB]) {
          const { body: looked } = await world.ask<Preview>('POST', `${PATH}/preview`, { body: waiting, ...who });
          expect(looked).toEqual({ ...preview, needsSecondPerson: false });
        }
        expect((await world.day()).proposals.size).toBe(1);
        const { body: saved } = await world.change<Edited>(`/edits/${proposed.edit}/approve`, {}, BOB);
        expect(saved.channels).toEqual(preview.after);
        expect(saved.held).toBe(preview.heldAfter);
        const { body: day } = await world.ask<Day>('GET', PATH);
        for (const { slot, afterWh } of preview.slots) expect(day.channels[0]!.slots[slot]!.final.energyWh).toBe(afterWh);

        const restated = { account: ACCOUNT, usagePoint: POINT, day: DAY, reason: 'edited', approvedBy: 'bob' };
        const [rerated] = await rerateForRestatement(await billing(), restated);
        const { beforeMicro, afterMicro, differenceMicro } = preview.money!;
        expect(rerated?.events).toMatchObject([{ type: 'BillRerated', data: { beforeMicro, totalMicro: afterMicro, differenceMicro } }]);
      }),
      RUNS,
    );
  }, 120_000);

  it('of an approval of what does not wait is refused', async () => {
    const world = await tenantOfSixDays();
    const { status } = await world.ask('POST', `${PATH}/preview`, { body: { kind: 'approve', edit: 1 } });
    expect(status).toBe(404);
  });

  it('of an edit that is so already says that nothing would change', async () => {
    const world = await tenantOfSixDays();
    const edit = { kind: 'values', channel: 0, slots: [5], energyWh: [77], ...WHY };
    await world.change('/edits', edit);
    await world.change('/edits/1/approve', {}, BOB);
    expect((await world.ask<Preview>('POST', `${PATH}/preview`, { body: edit })).body).toMatchObject({
      unchanged: true,
      slots: [],
      money: { differenceMicro: '0' },
    });
  });

  it('of a day in a month that is not over counts the edit once, whatever is missing around it', async () => {
    const world = new EditWorld();
    await world.tariff('flat');
    await world.home(undefined, undefined, undefined, undefined, 'flat');
    await world.gappyDay();
    const body = { kind: 'values', channel: 0, slots: [40], energyWh: [valueAt(40) + 1_000], ...WHY };
    const { body: preview } = await world.ask<Preview>('POST', `${PATH}/preview`, { body });
    const differenceWh = preview.after[0]!.energyWh - preview.before[0]!.energyWh;
    expect(preview.money).toMatchObject({ differenceMicro: String(Math.round(differenceWh * 142.3)), notFinal: 21 });
  });

  it('of undoing is the edit backwards', async () => {
    const world = await tenantOfSixDays();
    const edit = { kind: 'values', channel: 0, slots: [5], energyWh: [77], ...WHY };
    const there = (await world.ask<Preview>('POST', `${PATH}/preview`, { body: edit })).body;
    await world.change('/edits', edit);
    await world.change('/edits/1/approve', {}, BOB);
    const back = (await world.ask<Preview>('POST', `${PATH}/preview`, { body: { kind: 'undo', edit: 1, ...WHY } })).body;
    expect(back).toMatchObject({ before: there.after, after: there.before });
    expect(BigInt(back.money!.differenceMicro)).toBe(-BigInt(there.money!.differenceMicro));
  });

  it('without an account or a tariff there is no money, and the energy all the same', async () => {
    const world = new EditWorld();
    await world.home();
    await world.gappyDay();
    const body = { kind: 'values', channel: 0, slots: [40], energyWh: [1], ...WHY };
    const { body: untariffed } = await world.ask<Preview>('POST', `${PATH}/preview`, { body });
    expect(untariffed).toMatchObject({ needsSecondPerson: false, noMoneyBecause: 'ERR_TARIFF_MISSING', slots: [{ slot: 40, afterWh: 1 }] });
    const vacant = frameOf(undefined, '2026-01-20', 'utility');
    await world.gappyDay(vacant);
    const { body: nobodys } = await world.ask<Preview>('POST', PATH.replace(DAY, '2026-01-20/preview'), { body });
    expect(nobodys.noMoneyBecause).toBe('NO_ACCOUNT');
  });

  it('whatever is read for it is read on record, for editing, with the name of the person', async () => {
    const world = await tenantOfSixDays();
    const gappy = frameOf(undefined, '2026-01-20', 'utility');
    await world.gappyDay(gappy);
    await world.ask('POST', `${PATH}/preview`, { body: { kind: 'values', channel: 0, slots: [5], energyWh: [7], ...WHY } });
    const estimate = { kind: 'estimate', channel: 0, slots: [40, 41, 42, 43], method: 'E2', ...WHY };
    await world.ask('POST', PATH.replace(DAY, '2026-01-20/preview'), { body: estimate });
    const accesses = world.world.events.eventsOf('access/2026-01-21.editing').map(({ data }) => data as DataAccessed);
    expect(accesses.map(({ subjects }) => subjects)).toEqual([[ACCOUNT], [ACCOUNT], ['utility'], ['utility']]);
    for (const access of accesses) expect(access).toMatchObject({ principal: 'editing', purpose: 'editing', person: 'ann' });
  });

  it('refuses what saving refuses, for the same reason', async () => {
    const world = await tenantOfSixDays();
    for (const edit of [
      { kind: 'accept', channel: 0, slots: [200], ...WHY },
      { kind: 'estimate', channel: 0, slots: [3], method: 'E2', ...WHY },
      { kind: 'values', channel: 0, slots: [3, 2], energyWh: [1, 1], ...WHY },
    ]) {
      const saved = await world.change('/edits', edit);
      const previewed = await world.ask('POST', `${PATH}/preview`, { body: edit });
      expect([previewed.status, previewed.problem.type]).toEqual([saved.status, saved.problem.type]);
      expect(saved.status).toBeGreaterThanOrEqual(400);
    }
    expect((await world.ask('POST', `${PATH}/preview`, { body: { kind: 'undo', edit: 9, ...WHY } })).status).toBe(404);
  });
});

describe('undo', () => {
  /** All that counts: not who, when and in which revision. */
  const standing = ({ channels, held, state }: Day) => ({
    held,
    state,
    channels: channels.map((channel) => ({ ...channel, slots: channel.slots.map(({ raw, final }) => ({ raw, final })) })),
  });

  it('restores exactly, whatever was edited and in whatever order it is undone', async () => {
    const edits = fc.array(valuesEdit, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(edits, fc.boolean(), fc.infiniteStream(fc.nat()), async (list, final, random) => {
        const world = new EditWorld();
        await world.home();
        await (final ? world.finalDay() : world.gappyDay());
        const before = (await world.ask<Day>('GET', PATH)).body;
        const through = async (edited: Edited) => {
          if (edited.result === 'proposed') await world.change(`/edits/${edited.edit}/approve`, {}, BOB);
        };
        const numbers: number[] = [];
        for (const edit of list) {
          const { body } = await world.change<Edited>('/edits', edit, { key: randomUUID() });
          await through(body);
          if (body.edit !== undefined) numbers.push(body.edit);
        }
        while (numbers.length > 0) {
          const [edit] = numbers.splice(Number(random.next().value) % numbers.length, 1);
          await through((await world.change<Edited>(`/edits/${edit}/undo`, WHY)).body);
        }
        const after = (await world.ask<Day>('GET', PATH)).body;
        expect(standing(after)).toEqual(standing(before));
        expect(after.edits.every(({ undone, kind }) => undone || kind === 'undo')).toBe(true);
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});
