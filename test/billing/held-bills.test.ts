import { expect, it } from 'vitest';
import { type Home, readHomes } from '../../bench/homes.ts';
import { bill } from '../../domain/billing/bill.ts';
import type { RatedDay } from '../../domain/billing/billing-input.ts';
import { daysOf, type PeriodDates, periodOf } from '../../domain/billing/period-calendar.ts';
import { ratePeriod } from '../../domain/billing/rating.ts';
import { meterDay } from '../../domain/meterday/meterday.ts';
import { RECORD_SIZE, writeRecord } from '../../domain/meterday/records.ts';
import type { MeterDayState } from '../../domain/meterday/state.ts';
import { addDays } from '../../domain/tariff/dates.ts';
import { capacityCounts } from '../../domain/vee/channel-day.ts';
import { VEE_POLICIES } from '../../domain/vee/policy.ts';
import { type BillEvent, type Channel, NO_COUNTS } from '../../events/index.ts';
import { billingPolicy } from '../../lambdas/billing/billing-policy.ts';
import { ratedDay } from '../../lambdas/billing/gather.ts';
import { standing } from '../../lambdas/billing/recorded-days.ts';
import { describeShared } from '../support/shared.ts';
import { inputOf, LONDON, midnight } from './given-period.ts';

const CHANNEL: Channel = { obis: '1-0:1.8.0', direction: 'import', unit: 'Wh', scale: 1, dials: 9, multiplier: 1, validFrom: 0 };
const MINUTES = 30;
const FUSE_W = 23_000;
const POLICY = VEE_POLICIES.residential;
const AT = Date.UTC(2014, 0, 10);

/** A home with its register, which stands at 0 on the first half-hour and may jump once, by what no slot measured. */
class MeteredHome {
  readonly #home: Home;
  readonly #registers: Float64Array;

  /** @param jumpAt UTC s */
  constructor(home: Home, jumpAt?: number) {
    this.#home = home;
    this.#registers = new Float64Array(home.counts.length + 1);
    const jump = jumpAt === undefined ? -1 : this.#index(jumpAt);
    home.counts.forEach((count, i) => {
      this.#registers[i + 1] = this.#registers[i]! + (count === NO_COUNTS ? 0 : count) + (i === jump ? 5_000 : 0);
    });
  }

  isClean(from: number, until: number): boolean {
    const slots = this.#home.counts.subarray(this.#index(from), this.#index(until));
    return slots.length === (until - from) / (MINUTES * 60) && !slots.includes(NO_COUNTS);
  }

  /** The day as the meter delivered it, closed: validated, estimated, final. */
  closed(day: string): RatedDay {
    const [start, end] = [midnight(day, LONDON), midnight(addDays(day, 1), LONDON)];
    const first = this.#index(start);
    const slots = (end - start) / (MINUTES * 60);
    const records = new Uint8Array(slots * RECORD_SIZE);
    for (let i = 0; i < slots; i++) {
      writeRecord(records, i, start + (i + 1) * MINUTES * 60, this.#registers[first + i + 1]!, this.#home.counts[first + i]!, 0);
    }
    const capacity = capacityCounts(FUSE_W, MINUTES, 1, POLICY.validation.fuseTolerance);
    const columns = { records, annotations: new Uint8Array(slots * 4), heads: new Uint8Array(0), registerBefore: this.#registers[first]! };
    const frame = { usagePoint: 'u', meterId: this.#home.name, day, part: 1, subject: 'a', start, end, minutes: MINUTES, zone: LONDON };
    const channels = [{ channel: 0, asset: CHANNEL, capacity, ...columns }];
    let state: MeterDayState = meterDay.initial;
    for (const command of [
      { type: 'CollectReadings', readings: { frame, through: { segment: '0', version: 0 }, channels, seals: [], outages: [], at: AT } },
      { type: 'RecordVerification', seal: 'verified', chain: 'verified', faults: [], at: AT },
      { type: 'CloseDay', policy: POLICY, due: false, hold: true, seal: true, at: AT },
      { type: 'FinalizeDay', policy: POLICY, due: true, hold: true, seal: true, at: AT },
    ] as const) {
      for (const event of meterDay.decide(command, state)) state = meterDay.evolve(state, event);
    }
    if (state.status === 'empty') throw new Error(`${day} was not collected`);
    const stream = `meterday/${this.#home.name}/${day}`;
    return ratedDay({ account: 'a', stream, day, start, end, minutes: MINUTES, channels: [CHANNEL] }, standing(state), LONDON);
  }

  #index(at: number): number {
    return (at - this.#home.start) / (MINUTES * 60);
  }
}

/** Bill of one home for a period, as it would go out the day after its last day is final. */
function billed(home: MeteredHome, period: PeriodDates): BillEvent | undefined {
  const rating = ratePeriod(inputOf({ ...period, days: daysOf(period).map((day) => home.closed(day)) }));
  const policy = billingPolicy('residential');
  return bill.decide({ type: 'RecordBill', ...rating, hash: '', findings: [], policy, reason: '', at: AT }, bill.initial)[0];
}

describeShared('bills of the London homes', 'data/london-2013/homes.csv.gz', (path) => {
  // A summer month and the two in which the clock is changed.
  const months = ['2013-03-01', '2013-06-01', '2013-10-01'].map((date) => periodOf(date, 1));
  const cleanIn = (homes: readonly MeteredHome[], { from, until }: PeriodDates) =>
    homes.filter((home) => home.isClean(midnight(from, LONDON), midnight(until, LONDON)));

  it('on clean months fewer than 1 % are held', () => {
    const homes = readHomes(path).map((home) => new MeteredHome(home));
    const events = months.flatMap((period) => cleanIn(homes, period).map((home) => billed(home, period)));
    const held = events.filter((event) => event?.type === 'BillHeld');
    console.info(`${held.length} of ${events.length} bills of clean home-months held`);
    expect(events.length).toBeGreaterThan(180);
    expect(held.length * 100).toBeLessThan(events.length);
  });

  it('are held where the register says otherwise', () => {
    const tampered = readHomes(path)
      .slice(0, 10)
      .map((home) => new MeteredHome(home, midnight('2013-06-15', LONDON) + 43_200));
    const held = cleanIn(tampered, months[1]!).map((home) => billed(home, months[1]!));
    expect(held.length).toBeGreaterThan(4);
    for (const event of held) expect(event).toMatchObject({ type: 'BillHeld', data: { reasons: ['failed'] } });
  });
});
