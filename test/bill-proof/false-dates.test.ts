import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TariffAssignment } from '../../domain/billing/billing-input.ts';
import { ratePeriod } from '../../domain/billing/rating.ts';
import type { BillComputed, MeterDayEvent } from '../../events/index.ts';
import { inputOf } from '../../lambdas/billing/bill-basis.ts';
import { loadTariff } from '../../lambdas/billing/tariff-file.ts';
import { ratedAnew, record, recordBill, recordFalseBill } from './false-bills.ts';
import { accountOf, PERIOD, ProofWorld, TARIFF } from './proof-world.ts';
import { provenDays } from './rated-by-hand.ts';

const HOME = 'home-1';
const [SINCE, HOUR] = [Date.UTC(2026, 9, 23, 23), 3_600_000];
/** In force on the days, as they say. */
const BEFORE = '2026-10-20';

let world: ProofWorld;
beforeEach(async () => {
  world = await ProofWorld.open();
}, 60_000);
afterEach(() => world.close());

describe('a day within which counts begin to be worth less', () => {
  it('R9.2-2: is refused where it is not divided there', async () => {
    for (const [multiplier, validFrom] of [
      [10, SINCE],
      [1, SINCE + HOUR],
    ] as const) {
      const data = { meterId: '00124b0000000001', channel: 0, multiplier, validFrom, reason: 'transformer', by: 'clerk', at: SINCE };
      await record(world, 'enrol', `usagepoint/${HOME}`, [{ type: 'MultiplierCorrected', data }]);
    }
    let day = '';
    const tenfoldFirst = (event: MeterDayEvent): MeterDayEvent => {
      if (event.type === 'ReadingsCollected') day = event.data.frame.day;
      if (event.type !== 'DayFinalized' || day !== PERIOD.from) return event;
      const channels = event.data.channels.map((one) => ({ ...one, perCount: one.perCount * 10, energyWh: one.energyWh * 10 }));
      return { ...event, data: { ...event.data, channels } };
    };
    await recordFalseBill(world, { source: HOME, account: accountOf(HOME), usagePoint: HOME, change: tenfoldFirst });
    await recordBill(world, await ratedAnew(world, HOME));
    expect(await world.verdict(HOME)).toMatchObject({ fault: 'binding', what: expect.stringMatching(/counts are worth something else/) });
  });
});

describe('prices that are published as of another date, or another tariff, than their document', () => {
  it.each([
    ['of another date', { from: '2027-06-01' }],
    ['of another tariff', { from: BEFORE, id: 'others' }],
  ])('R9.2-2: are refused: %s', async (_which, changed) => {
    const text = JSON.stringify({ ...TARIFF, ...changed }).replace('0.31', '9.10');
    // Recorded as if before the days: the clock of the world is put back as a utility can.
    const now = world.clock.now();
    world.clock.set(SINCE);
    const data = { tariff: 'bands', version: 2, from: BEFORE, document: text, series: [], at: SINCE };
    await record(world, 'billing', 'tariff/bands', [{ type: 'TariffPublished', data }]);
    world.clock.set(now);
    await recordBill(world, await billedBy(text));
    expect(await world.verdict(HOME)).toMatchObject({ fault: 'lines', what: expect.stringMatching(/its document says/) });
  });
});

/** The home's bill at the prices of version 2. */
async function billedBy(text: string): Promise<BillComputed> {
  const { issued, days } = await provenDays(world, HOME);
  const bill: BillComputed = { ...issued, tariffs: [{ tariff: 'bands', version: 2, from: BEFORE }] };
  const named = { ...loadTariff(text, 'x').tariff, id: 'bands' };
  const tariffs: TariffAssignment[] = [{ tariff: named, version: 2, from: BEFORE, series: new Map() }];
  return { ...bill, ...ratePeriod(inputOf(bill, { days, tariffs })).statement };
}
