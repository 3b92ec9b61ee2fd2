import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandOf } from '../../domain/privacy/bands.ts';
import { type Composition, type Customer, compositionOf, disclosureGate, homes, together } from '../../domain/privacy/gate.ts';
import { DISCLOSURE_POLICY, finestStep, policyInForce } from '../../domain/privacy/policy.ts';
import { weakenedPolicy } from '../../domain/privacy/weakening.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { compositions } from './support/arbitraries.ts';

const gate = disclosureGate(defencesUnderTest().disclosureGate);

const residential = (count: number): Customer[] => Array.from({ length: count }, () => ({ class: 'residential', annualWh: 3_500_000 }));

/** Fifteen firms, the first of which has so many percent of the energy. */
function firms(percent: number): Composition {
  const others = Array.from({ length: 14 }, (): Customer => ({ class: 'commercial', annualWh: (100 - percent) * 100_000 }));
  return compositionOf([{ class: 'commercial', annualWh: percent * 1_400_000 }, ...others]);
}

const passesGate = (customers: Iterable<Customer>) => disclosureGate().passes(compositionOf(customers));

describe('disclosure gate', () => {
  it('R9.4-4, C10.4-3, R9.3-5, C10.3-3: 99 homes are held back, 100 are told', () => {
    expect(gate.passes(compositionOf(residential(99)))).toBe(false);
    expect(gate.passes(compositionOf(residential(100)))).toBe(true);
    expect(passesGate(residential(99))).toBe(false);
    expect(passesGate(residential(100))).toBe(true);
  });

  it('R9.4-4, C10.4-3: 15 firms are told with one at 15 % of the year, held back with one at 16 %; 14 are held back', () => {
    expect(gate.passes(firms(15))).toBe(true);
    expect(gate.passes(firms(16))).toBe(false);
    expect(gate.passes({ ...firms(15), others: 14 })).toBe(false);
  });

  it('R9.4-4, C10.4-3: a customer with more than 15 % of the year holds an area back, were it by a ten-thousandth of a per cent', () => {
    const largest = (largestWh: number): Composition => ({ ...homes(200), largestWh, totalWh: 1_000_000 });
    expect(gate.passes(largest(150_000))).toBe(true);
    expect(gate.passes(largest(150_001))).toBe(false);
    expect(gate.finestStep(largest(150_001))).toBeUndefined();
  });

  it('a firm that hides behind a hundred homes is held against the same share', () => {
    const works = (annualWh: number): Customer => ({ class: 'commercial', annualWh });
    expect(passesGate([...residential(100), works(61_000_000)])).toBe(true);
    expect(passesGate([...residential(100), works(62_000_000)])).toBe(false);
  });

  it('what passes apart passes together', () => {
    fc.assert(
      fc.property(compositions(), compositions(), (a, b) => {
        fc.pre(gate.passes(a) && gate.passes(b));
        expect(gate.passes(together([a, b]))).toBe(true);
      }),
    );
  });

  it('a cell wants values of nine tenths of the smallest area that passes', () => {
    expect(disclosureGate().passesRead(homes(100), 89)).toBe(false);
    expect(disclosureGate().passesRead(homes(100), 90)).toBe(true);
    expect(disclosureGate().passesRead(homes(5_000), 90)).toBe(true);
    expect(disclosureGate().passesRead(firms(10), 13)).toBe(false);
    expect(disclosureGate().passesRead(firms(10), 14)).toBe(true);
  });

  it('R9.4-4, C10.4-3: an area that passes by its firms alone wants values of nine tenths of its homes and fifteen firms together', () => {
    const mixed = (residential: number, others: number): Composition => ({ residential, others, largestWh: 1, totalWh: 1_000 });
    expect(gate.passesRead(mixed(99, 15), 102)).toBe(false);
    expect(gate.passesRead(mixed(99, 15), 103)).toBe(true);
    expect(gate.passesRead(mixed(50, 20), 58)).toBe(false);
    expect(gate.passesRead(mixed(50, 20), 59)).toBe(true);
    // From 100 homes on it is the homes that are counted, however many firms are there.
    expect(gate.passesRead(mixed(100, 20), 89)).toBe(false);
    expect(gate.passesRead(mixed(100, 20), 90)).toBe(true);
  });

  it('refuses an energy that is none', () => {
    expect(() => passesGate([{ class: 'residential', annualWh: -1 }])).toThrow(expect.objectContaining({ code: 'ERR_ANNUAL_ENERGY' }));
  });
});

describe('disclosure policy', () => {
  it.each(['residential', 'others', 'readPercent'] as const)('%s can be raised and not lowered', (field) => {
    const with1 = (more: number) => ({ ...DISCLOSURE_POLICY, [field]: DISCLOSURE_POLICY[field] + more });
    expect(policyInForce(with1(1))).toEqual(with1(1));
    expect(() => disclosureGate(true, with1(-1))).toThrow(expect.objectContaining({ code: 'ERR_POLICY_WEAKENED' }));
  });

  it('the largest share can be lowered and not raised', () => {
    expect(() => policyInForce({ ...DISCLOSURE_POLICY, largestPercent: 16 })).toThrow();
    expect(policyInForce({ ...DISCLOSURE_POLICY, largestPercent: 14 }).largestPercent).toBe(14);
  });

  it('is frozen, and one made for a measurement is another', () => {
    expect(Object.isFrozen(DISCLOSURE_POLICY)).toBe(true);
    expect(policyInForce(weakenedPolicy(DISCLOSURE_POLICY, { residential: 40 })).residential).toBe(40);
    expect(DISCLOSURE_POLICY.residential).toBe(100);
  });

  it.each([
    [99, undefined],
    [100, 360],
    [249, 360],
    [250, 180],
    [1_499, 180],
    [1_500, 60],
    [2_999, 60],
    [3_000, 30],
  ])('%i customers are told at steps of %s minutes', (customers, minutes) => {
    expect(finestStep(customers)).toBe(minutes);
  });
});

describe('bands', () => {
  it.each([
    [0, 0, '>=99'],
    [99, 100, '>=99'],
    [98, 100, '95-99'],
    [95, 100, '95-99'],
    [94, 100, '90-95'],
    [90, 100, '90-95'],
    [89, 100, '<90'],
    [0, 1, '<90'],
  ])('%i of %i is %s', (part, whole, band) => {
    expect(bandOf(part, whole)).toBe(band);
  });
});
