import { describe, expect, it } from 'vitest';
import { wantedMeter } from '../../web/console/model/meter-search.ts';

describe('what somebody looks for', () => {
  it.each([
    [' 02A1B2C3d4e5f607 ', { meterId: '02a1b2c3d4e5f607' }],
    ['up-00001', { of: 'up-00001' }],
    ['Account_1.b', { of: 'Account_1.b' }],
    ['02a1b2c3d4e5f60', { of: '02a1b2c3d4e5f60' }],
    ['', { fault: 'wrong' }],
    ['up 1', { fault: 'wrong' }],
    ['../x', { fault: 'wrong' }],
    ['x'.repeat(65), { fault: 'wrong' }],
  ] as const)('%j is %j', (typed, wanted) => {
    expect(wantedMeter(typed)).toEqual(wanted);
  });
});
