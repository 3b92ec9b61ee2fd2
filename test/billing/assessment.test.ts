import { describe, expect, it } from 'vitest';
import type { Assessment } from '../../domain/billing/assessment.ts';
import { ratePeriod } from '../../domain/billing/rating.ts';
import { type DayFacts, dayOf, daysAlike, inputOf, midnight, quantities, type SlotFacts } from './given-period.ts';

const WEEK = { from: '2013-06-03', until: '2013-06-10' };

/** A week of which Wednesday is as told. */
function week(slot: (minute: number) => SlotFacts, facts: DayFacts = {}, more = {}) {
  const days = daysAlike(WEEK.from, WEEK.until, [{ slot: () => 100 }]);
  days[2] = dayOf('2013-06-05', [{ slot }], facts);
  return ratePeriod(inputOf({ ...WEEK, days, ...more }));
}

function assessmentOf(slot: (minute: number) => SlotFacts, facts: DayFacts = {}): Assessment {
  return week(slot, facts).assessment;
}

describe('what a bill can not stand on', () => {
  it('nothing, on a clean week', () => {
    expect(assessmentOf(() => 100)).toEqual({ missing: 0, failed: 0, estimatedPerMille: 0, notFinal: 0, demandEstimated: false });
  });

  it('slots without a value, slots that failed, a day that contradicts itself', () => {
    expect(assessmentOf((minute) => (minute < 60 ? undefined : 100))).toMatchObject({ missing: 2, failed: 0 });
    expect(assessmentOf((minute) => (minute < 90 ? { counts: 100, source: 'held' } : 100))).toMatchObject({ missing: 0, failed: 3 });
    expect(assessmentOf(() => 100, { held: true })).toMatchObject({ failed: 48 });
  });

  it('a day that never came', () => {
    const days = daysAlike(WEEK.from, WEEK.until, [{ slot: () => 100 }]);
    days.splice(2, 1);
    expect(ratePeriod(inputOf({ ...WEEK, days })).assessment.missing).toBe(48);
    const beyond = [{ from: midnight(WEEK.from, 'Europe/London'), until: midnight('2013-06-05', 'Europe/London') }];
    expect(ratePeriod(inputOf({ ...WEEK, days: days.slice(0, 2), spans: beyond })).assessment.missing).toBe(0);
  });

  it('too many estimates, by slots or by energy, whichever is more', () => {
    const few = (minute: number): SlotFacts => (minute === 0 ? { counts: 30_000, source: 'E3' } : 100);
    expect(assessmentOf(few).estimatedPerMille).toBe(472);
    const idle = (minute: number): SlotFacts => (minute < 720 ? { counts: 0, source: 'E10' } : 100);
    expect(assessmentOf(idle).estimatedPerMille).toBe(71);
  });

  it('but a zero that an outage explains, and what a person agreed, are no estimates', () => {
    expect(assessmentOf(() => ({ counts: 0, source: 'E0' })).estimatedPerMille).toBe(0);
    expect(assessmentOf(() => ({ counts: 90, source: 'E11' })).estimatedPerMille).toBe(0);
  });
});

describe('a bill that must go out all the same', () => {
  it('puts the mean of the same local time in place of what is missing or failed', () => {
    // Other days have 100 Wh at every time but 300 at 18:00.
    const days = daysAlike(WEEK.from, WEEK.until, [{ slot: (minute) => (minute === 1080 ? 300 : 100) }]);
    days[2] = dayOf('2013-06-05', [{ slot: (minute) => (minute < 720 ? { counts: 9_999, source: 'held' } : undefined) }], { revision: 0 });
    const { statement } = ratePeriod(inputOf({ ...WEEK, days }));
    expect(quantities(statement)).toEqual({ 'energy/energy': String(7 * 5_000) });
    // A frame of a day that is not final is no input.
    expect(statement.inputs).toHaveLength(6);
  });

  it('has nothing to put where nothing is known', () => {
    const { statement } = ratePeriod(inputOf({ ...WEEK, days: daysAlike(WEEK.from, WEEK.until, [{ slot: () => undefined }]) }));
    expect(statement.totalMicro).toBe('0');
  });
});
