import { describe, expect, it } from 'vitest';
import { uncoveredTime } from '../../bin/proof/uncovered-time.ts';
import type { Installation } from '../../domain/usagepoint/usagepoint-state.ts';
import { ASSET } from '../subjects/given.ts';
import { dayOf, METER, statement } from './said.ts';

const BILL = statement();
const { from: BEGIN, until: END } = BILL.spans![0]!;
const [HOUR, OTHER] = [3_600, '00124b00000000ff'];

const hung = (meterId: string, from: number, until?: number): Installation => {
  return { meterId, asset: ASSET, initial: [], final: [], from: from * 1000, ...(until === undefined ? {} : { until: until * 1000 }) };
};
const timeOf = (from: number, until: number) => `${new Date(from * 1000).toISOString()} to ${new Date(until * 1000).toISOString()}`;
const told = (days: Parameters<typeof uncoveredTime>[1], ...meters: readonly Installation[]) =>
  uncoveredTime(BILL, days, [], meters).map(({ about }) => about);

describe('time that a bill charges, and of which it counts nothing', () => {
  it('R9.2-2: is none where every meter is counted for as long as it hung there', () => {
    const days = [dayOf(METER, BEGIN, BEGIN + 9 * HOUR), dayOf(OTHER, BEGIN + 9 * HOUR, END)];
    expect(told(days, hung(METER, BEGIN, BEGIN + 9 * HOUR), hung(OTHER, BEGIN + 9 * HOUR))).toEqual([]);
  });

  it('R9.2-2, C10.1-7: is told of a meter from when it was hung, and up to when it was taken away', () => {
    const days = [dayOf(METER, BEGIN, END)];
    expect(told(days, hung(METER, BEGIN), hung(OTHER, BEGIN + HOUR, END - HOUR))).toEqual([
      `meter ${OTHER}, ${timeOf(BEGIN + HOUR, END - HOUR)},`,
    ]);
    expect(told(days, hung(METER, BEGIN), hung(OTHER, BEGIN - 9 * HOUR, BEGIN))).toEqual([]);
  });

  it('R9.2-2, C10.1-7: is told of all meters together, and of one whose is longer besides', () => {
    const days = [dayOf(METER, BEGIN, BEGIN + 9 * HOUR), dayOf(METER, END - 9 * HOUR, END)];
    expect(told(days, hung(METER, BEGIN), hung(OTHER, BEGIN))).toEqual([
      timeOf(BEGIN + 9 * HOUR, END - 9 * HOUR),
      `meter ${OTHER}, ${timeOf(BEGIN, END)},`,
    ]);
  });

  it('R9.2-2: is none behind a short day of one meter within a long one of another', () => {
    const days = [dayOf(METER, BEGIN, END), dayOf(OTHER, BEGIN + HOUR, BEGIN + 2 * HOUR)];
    expect(told(days, hung(METER, BEGIN), hung(OTHER, BEGIN + HOUR, BEGIN + 2 * HOUR))).toEqual([]);
  });

  it('R9.2-2: ends with what is charged, whatever is counted behind it', () => {
    expect(told([dayOf(METER, END + HOUR, END + 9 * HOUR)])).toEqual([timeOf(BEGIN, END)]);
  });
});
