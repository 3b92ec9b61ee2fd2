import { describe, expect, it } from 'vitest';
import { typicalOf } from '../../lambdas/account-api/typical-bill.ts';

const bill = (days: number, totalMicro: string, currency = 'GBP') => ({ days, totalMicro, currency });

describe('the usual bill', () => {
  it('is the mean of the bills that are as long as the period, within the days by which months differ', () => {
    expect(typicalOf([bill(31, '100000000'), bill(28, '80000000')], 31)).toEqual({ currency: 'GBP', micro: '90000000' });
  });

  it('takes no account of the bill of a week, in which somebody moved in', () => {
    expect(typicalOf([bill(7, '20000000'), bill(30, '90000000')], 31)).toEqual({ currency: 'GBP', micro: '90000000' });
    expect(typicalOf([bill(27, '20000000')], 31)).toEqual({ currency: 'GBP', micro: null });
  });

  it('is not there where the bills are of whole months and the period is a few days', () => {
    expect(typicalOf([bill(31, '100000000')], 7)).toEqual({ currency: 'GBP', micro: null });
  });

  it('of eight days is none of seven: one day is much for a week', () => {
    expect(typicalOf([bill(8, '14000000')], 7)).toEqual({ currency: 'GBP', micro: null });
    expect(typicalOf([bill(8, '14000000'), bill(7, '11300000')], 7)).toEqual({ currency: 'GBP', micro: '11300000' });
  });

  it('of a February is one of any month', () => {
    expect(typicalOf([bill(31, '100000000')], 28)).toEqual({ currency: 'GBP', micro: '100000000' });
  });

  it('is of one currency, that of the last bill', () => {
    expect(typicalOf([bill(30, '50000000', 'EUR'), bill(30, '90000000')], 30)).toEqual({ currency: 'GBP', micro: '90000000' });
    expect(typicalOf([], 30)).toBeUndefined();
  });
});
