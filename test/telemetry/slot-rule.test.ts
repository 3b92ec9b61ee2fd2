import { describe, expect, it } from 'vitest';
import { emptyFrame } from '../../domain/telemetry/opened-frame.ts';
import { countsSlots, isReleased, standsBefore } from '../../domain/telemetry/slot-rule.ts';
import { HELD_REASONS } from '../../events/index.ts';
import { HOME } from '../support/sealed-town.ts';

const DAY_S = 86_400;
const END = 1_800_000_000;

function counts(changes: Partial<ReturnType<typeof emptyFrame>>, released: boolean): boolean {
  const frame = { ...emptyFrame(), count: 4, minutes: 15, end: END, counter: 9, ...changes };
  return countsSlots(frame, HOME, END * 1000, released);
}

describe('the rule of the slot', () => {
  it('of all reasons to set a frame aside, only the window releases it', () => {
    expect(HELD_REASONS.filter((_, reason) => isReleased(reason))).toEqual(['below-window']);
  });

  it.each([
    ['no readings', { count: 0 }, false, false],
    ['a channel that nobody enrolled', { channel: 1 }, false, false],
    ['another interval length', { minutes: 30 }, false, false],
    ['off the grid', { end: END + 60 }, false, false],
    ['46 days old', { end: END - 46 * DAY_S }, true, false],
    ['ends in the future', { end: END + 900 }, true, false],
    ['beyond the message limit', { counter: 65_537 }, true, false],
    ['in order', {}, true, true],
  ])('%s: accepted and released', (_, changes, accepted, released) => {
    expect([counts(changes, false), counts(changes, true)]).toEqual([accepted, released]);
  });

  it('accepted stands before released, then the earlier home, then the segment by name', () => {
    const claim = { released: false, since: 2, segment: '00002' };
    const rising = [{ ...claim, since: 1 }, { ...claim, segment: '00001' }, claim, { ...claim, released: true, since: 0 }];
    for (const [i, a] of rising.entries()) for (const [j, b] of rising.entries()) expect(standsBefore(a, b)).toBe(i < j);
  });
});
