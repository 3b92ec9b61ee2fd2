import { describe, expect, it } from 'vitest';
import { ClockWatch } from '../../platform/embedded/host/clock-watch.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

/** The platform's clock and the steady one, a second later each time. */
function watched() {
  const at = { now: Date.UTC(2026, 0, 15), steady: 5_000 };
  const watch = new ClockWatch({ now: () => at.now }, () => at.steady);
  return (jump = 0, seconds = 1) => {
    at.now += seconds * SECOND + jump;
    at.steady += seconds * SECOND;
    return watch.isAway();
  };
}

describe('a clock that jumps, by itself', () => {
  it.each([400 * DAY, -400 * DAY, 8 * DAY])('by %d ms is not believed until it is back', (by) => {
    const later = watched();
    expect(later()).toBe(false);
    expect(later(by)).toBe(true);
    for (let second = 0; second < 100; second++) expect(later()).toBe(true);
    expect(later(-by)).toBe(false);
    expect(later()).toBe(false);
  });

  it('by hours, as after a machine has slept, is believed', () => {
    const later = watched();
    for (const by of [2 * HOUR, -2 * HOUR, 3 * DAY]) expect(later(by)).toBe(false);
  });

  it('that goes sixty times as fast, or by steps that add up to months over months, jumps nowhere', () => {
    const later = watched();
    for (let hour = 0; hour < 24 * 60; hour++) expect(later(59 * 60 * SECOND, 60)).toBe(false);
    expect(later(0, 90 * 24 * 3600)).toBe(false);
  });

  it('by five days and by five more is not believed', () => {
    const later = watched();
    expect(later(5 * DAY)).toBe(false);
    expect(later(5 * DAY)).toBe(true);
  });
});
