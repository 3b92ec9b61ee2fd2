import { describe, expect, it } from 'vitest';
import { unreadDays } from '../../bin/proof/unread-days.ts';
import type { UnreadDay } from '../../events/index.ts';
import { ASSET } from '../subjects/given.ts';
import { dayOf, METER, statement } from './said.ts';

/** The second day, on which the clock is put back, UTC s. */
const [BEGIN, END] = [Date.UTC(2026, 9, 24, 23) / 1000, Date.UTC(2026, 9, 26) / 1000];
const HOUR = 3_600;
const SECOND: UnreadDay = {
  ...{ stream: `meterday/${METER}/2026-10-25`, day: '2026-10-25', start: BEGIN, slots: 100, minutes: 15 },
  channels: ASSET.channels,
};
const asked = (more: Partial<UnreadDay>, days = [dayOf(METER, END, END + 24 * HOUR)], spans = statement().spans!) =>
  unreadDays(statement({ spans, basis: { unread: [{ ...SECOND, ...more }] } }), days);

describe('a day that a bill says was not final', () => {
  it('R9.2-2: is taken as it is said: whole, a part of one, and beside that of another meter', () => {
    expect(asked({})).toMatchObject([{ meterId: METER, end: END }]);
    expect(asked({ stream: `${SECOND.stream}.2`, start: BEGIN + HOUR, slots: 96 })).toMatchObject([{ meterId: METER, end: END }]);
    expect(asked({}, [dayOf('00124b0000000002', BEGIN, END)])).toHaveLength(1);
  });

  it.each<[string, Partial<UnreadDay>]>([
    ['without a slot', { slots: 0 }],
    ['that begins before its date', { start: BEGIN - HOUR }],
    ['that ends after its date', { start: BEGIN + HOUR }],
    ['of part 0', { stream: `${SECOND.stream}.0` }],
    ['of part -1', { stream: `${SECOND.stream}.-1` }],
    ['of a part that is no number', { stream: `${SECOND.stream}.NaN` }],
  ])('R9.2-2, C10.1-7: %s is refused', (_what, more) => {
    expect(() => asked(more)).toThrow(/the day that was not final is not 2026-10-25/);
  });

  it('R9.2-2, C10.1-7: that begins before what is charged, or ends after it, is refused', () => {
    for (const span of [
      { from: BEGIN + HOUR, until: END },
      { from: BEGIN, until: END - HOUR },
    ])
      expect(() => asked({}, [], [span])).toThrow(/not of the time that is charged/);
  });

  it('R9.2-2, C10.1-7: of which an hour alone was proved is refused: it is in the bill already', () => {
    for (const at of [BEGIN, BEGIN + 5 * HOUR, END - HOUR])
      expect(() => asked({}, [dayOf(METER, at, at + HOUR)])).toThrow(/is in the bill already/);
    expect(asked({}, [dayOf(METER, BEGIN - HOUR, BEGIN), dayOf(METER, END, END + HOUR)])).toHaveLength(1);
  });
});
