import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BillComputed, UnreadDay } from '../../events/index.ts';
import { ASSET, EXPORT_ASSET, namesOf } from '../subjects/given.ts';
import { ratedAnew, record, recordBill } from './false-bills.ts';
import { accountOf, ProofWorld } from './proof-world.ts';
import { ratedByHand } from './rated-by-hand.ts';

const HOME = 'home-1';
const SINCE = Date.UTC(2026, 9, 23, 23);
const SECOND = 'meterday/00124b0000000001/2026-10-25';
/** The second day as a bill says that it was not final. */
const unread: UnreadDay = {
  ...{ stream: SECOND, day: '2026-10-25', start: Date.UTC(2026, 9, 24, 23) / 1000, slots: 100, minutes: 15 },
  channels: namesOf(ASSET),
};

/** The day after the period. */
const AFTERWARDS = {
  ...{ day: '2026-10-27', stream: 'meterday/00124b0000000001/2026-10-27' },
  ...{ start: Date.UTC(2026, 9, 27) / 1000, slots: 96 },
};

let world: ProofWorld;
beforeEach(async () => {
  world = await ProofWorld.open();
}, 60_000);
afterEach(() => world.close());

async function verdictOn(bill: BillComputed) {
  await recordBill(world, bill);
  return await world.verdict(HOME);
}

const falls = (told: RegExp) => ({ fault: 'binding', what: expect.stringMatching(told) });

describe('a bill by days that were not final', () => {
  it.each<[string, RegExp, Partial<UnreadDay>[]]>([
    ['that lie years ahead', /is not 2026-10-25/, [{ start: Date.UTC(2030, 9, 24, 23) / 1000 }]],
    ['that are outside of what it charges', /not of the time that is charged/, [AFTERWARDS]],
    ['of a meter that never hung there', /such a meter did not hang/, [{ stream: SECOND.replace('0001', '0002') }]],
    ['with a channel that its meter has not', /such a meter did not hang/, [{ channels: namesOf(EXPORT_ASSET) }]],
    ['under the name of another', /is not 2026-10-25/, [{ stream: SECOND.replace('25', '26') }]],
  ])('R9.2-2, C10.1-7: %s is refused', async (_what, told, days) => {
    const change = (bill: BillComputed) => ({ ...bill, basis: { ...bill.basis!, unread: days.map((one) => ({ ...unread, ...one })) } });
    const bill = await ratedByHand(world, HOME, change, { keep: (stream) => stream !== SECOND });
    expect(await verdictOn(bill)).toMatchObject(falls(told));
  });

  // Rating refuses both as well: a slot is there twice.
  it.each([
    ['twice', 2, SECOND],
    ['beside the same day as it was proved', 1, ''],
  ])('R9.2-2: %s is refused', async (_what, times, without) => {
    const bill = await ratedByHand(world, HOME, (one) => one, { keep: (stream) => stream !== without });
    const basis = { ...bill.basis!, unread: Array.from({ length: times }, () => unread) };
    expect(await verdictOn({ ...bill, basis })).toMatchObject(falls(/is in the bill already/));
  });
});

describe('a bill that leaves out what was the customer’s', () => {
  it('R9.2-2, C10.1-7: a day of the tenancy in its middle is refused', async () => {
    const change = (bill: BillComputed) => {
      const { from, until } = bill.spans![0]!;
      return {
        ...bill,
        spans: [
          { from, until: from + 86_400 },
          { from: until - 86_400, until },
        ],
      };
    };
    const bill = await ratedByHand(world, HOME, change, { keep: (stream) => stream !== SECOND });
    expect(await verdictOn(bill)).toMatchObject(falls(/at a time of the period that the bill leaves out/));
  });

  it('R9.2-2, C10.1-7: a day that the account says was not its own, and the usage point says was, is refused', async () => {
    const [second, third] = [Date.UTC(2026, 9, 24, 23), Date.UTC(2026, 9, 26)];
    const spans = [{ from: SINCE, until: second }, { from: third }];
    const change = (bill: BillComputed) => ({
      ...bill,
      spans: spans.map(({ from, until = Date.UTC(2026, 9, 27) }) => ({ from: from / 1000, until: until / 1000 })),
    });
    const bill = await ratedByHand(world, HOME, change, { keep: (stream) => stream !== SECOND });
    const data = { usagePoint: HOME, spans, at: SINCE };
    await record(world, 'enrol', `account/${accountOf(HOME)}`, [{ type: 'TenancyAmended', data }]);
    world.clock.advance(60_000);
    expect(await verdictOn(bill)).toMatchObject(falls(/^usagepoint\/home-1: .* at a time of the period that the bill leaves out/));
  });

  it('R9.2-2, C10.1-7: every day of a second meter is told', async () => {
    const data = { meterId: '00124b00000000ff', from: SINCE, asset: EXPORT_ASSET, registers: [], at: SINCE };
    await record(world, 'enrol', `usagepoint/${HOME}`, [{ type: 'MeterInstalled', data }]);
    world.clock.advance(60_000);
    const about = 'meter 00124b00000000ff, 2026-10-23T23:00:00.000Z to 2026-10-27T00:00:00.000Z,';
    expect(await verdictOn(await ratedAnew(world, HOME))).toMatchObject({ binding: { onWord: [{ about, why: 'uncovered' }] } });
  });
});
