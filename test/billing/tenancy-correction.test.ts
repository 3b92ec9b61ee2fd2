import { expect, it } from 'vitest';
import { type TenancyCut, UTILITY } from '../../events/index.ts';
import { DATES } from './closed-homes.ts';
import { CorrectedHome, paid, startOf, TENANTS } from './corrected-home.ts';

const [OLD, NEW] = TENANTS;
const HOUR = 3_600_000;

/** Bills as they are when the tenancy was right from the start: days closed in their parts, billed once. */
async function rightFromTheStart(cuts: readonly TenancyCut[]): Promise<CorrectedHome> {
  const home = await CorrectedHome.open();
  await home.correct(cuts);
  for (const day of DATES) await home.close(day);
  await home.bill();
  return home;
}

/** Everybody billed by the wrong tenancy, then corrected; all that is scheduled runs, and the relay tells billing. */
async function correctedLater(cuts: readonly TenancyCut[], backwards: boolean): Promise<CorrectedHome> {
  const home = await CorrectedHome.open();
  for (const day of DATES) await home.close(day);
  await home.relay();
  await home.hear((events) => events);
  await home.bill();
  await home.correct(cuts);
  for (let run = 0; run < 4; run++) {
    home.wait();
    await home.reseal();
    await home.reclose();
  }
  await home.relay();
  await home.hear((events) => (backwards ? events.reverse() : events));
  expect(home.faults).toEqual([]);
  return home;
}

it.each<[string, TenancyCut[]]>([
  ['a day later', [{ subject: NEW, from: startOf('2026-10-25') }]],
  ['inside the day on which the clock is put back', [{ subject: NEW, from: startOf('2026-10-25') + 7.25 * HOUR }]],
  ['before the period: nothing of it is left to the first', [{ subject: NEW, from: startOf('2026-10-22') }]],
  ['to nobody', [{ subject: UTILITY, from: startOf('2026-10-26') + 12 * HOUR }]],
  [
    'twice within a day',
    [
      { subject: UTILITY, from: startOf('2026-10-24') + 6 * HOUR },
      { subject: NEW, from: startOf('2026-10-24') + 18 * HOUR },
    ],
  ],
])(
  'a tenancy corrected %s: everybody ends with the bill of a tenancy that was right from the start',
  { timeout: 30_000 },
  async (_, cuts) => {
    const right = await rightFromTheStart(cuts);
    for (const backwards of [false, true]) {
      const later = await correctedLater(cuts, backwards);
      for (const account of [OLD, NEW]) {
        const now = await later.billOf(account);
        expect([account, paid(now)]).toEqual([account, paid(await right.billOf(account))]);
        expect(now.held).toBeUndefined();
      }
      const { reratings, billed } = await later.billOf(OLD);
      expect(reratings.length).toBeGreaterThan(0);
      // 96 slots of 10, 100 of 20 and 96 of 30 Wh at 0.25 per kWh went out first.
      const difference = reratings.reduce((sum, { differenceMicro }) => sum + differenceMicro, 0n);
      expect(BigInt(billed!.statement.totalMicro) - difference).toBe(1_460_000n);
      later.discard();
    }
    right.discard();
  },
);
