import { expect, it } from 'vitest';
import { type Home, readHomes } from '../../bench/homes.ts';
import { bill } from '../../domain/billing/bill.ts';
import type { RatedDay } from '../../domain/billing/billing-input.ts';
import { daysOf, periodOf } from '../../domain/billing/period-calendar.ts';
import { ratePeriod } from '../../domain/billing/rating.ts';
import { meterDay } from '../../domain/meterday/meterday.ts';
import { RECORD_SIZE, writeRecord } from '../../domain/meterday/records.ts';
import type { MeterDayState } from '../../domain/meterday/state.ts';
import { addDays } from '../../domain/tariff/dates.ts';
import { capacityCounts } from '../../domain/vee/channel-day.ts';
import { VEE_POLICIES } from '../../domain/vee/policy.ts';
import { type Channel, NO_COUNTS } from '../../events/index.ts';
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

/** A home with its register, which stands at 0 on the first half-hour. */
class MeteredHome {
  readonly #home: Home;
  readonly #registers: Float64Array;

  constructor(home: Home) {
    this.#home = home;
    this.#registers = new Float64Array(home.counts.length + 1);
    home.counts.forEach((count, i) => {
      this.#registers[i + 1] = this.#registers[i]! + (count === NO_COUNTS ? 0 : count);
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
    return ratedDay({ stream, day, start, end, minutes: MINUTES, channels: [CHANNEL] }, standing(state), LONDON);
  }

  #index(at: number): number {
    return (at - this.#home.start) / (MINUTES * 60);
  }
}

describeShared('bills of the London homes', 'data/london-2013/homes.csv.gz', (path) => {
  it('on clean months fewer than 1 % are held', () => {
    const homes = readHomes(path).map((home) => new MeteredHome(home));
    // Local January begins and local December ends with the file, which is in UTC.
    const months = Array.from({ length: 12 }, (_, i) => periodOf(`2013-${String(i + 1).padStart(2, '0')}-01`, 1));
    const policy = billingPolicy('residential');
    let bills = 0;
    const held: string[] = [];
    for (const period of months) {
      const [from, until] = [midnight(period.from, LONDON), midnight(period.until, LONDON)];
      for (const home of homes.filter((one) => one.isClean(from, until))) {
        const days = daysOf(period).map((day) => home.closed(day));
        const rating = ratePeriod(inputOf({ ...period, days }));
        const [event] = bill.decide({ type: 'RecordBill', ...rating, findings: [], policy, reason: '', at: AT }, bill.initial);
        bills++;
        if (event?.type === 'BillHeld') held.push(`${days[0]?.stream} ${period.from} ${event.data.reasons}`);
      }
    }
    console.info(`${held.length} of ${bills} bills of clean home-months held`);
    expect(bills).toBeGreaterThan(700);
    expect(held.length * 100).toBeLessThan(bills);
  }, 240_000);
});
