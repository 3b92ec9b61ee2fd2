import { describe, expect, it } from 'vitest';
import { type Composition, compositionOf, disclosureGate, homes, together } from '../../domain/privacy/gate.ts';
import { ReleaseLedger } from '../../domain/privacy/ledger.ts';
import { tablesOf } from '../../domain/privacy/tables.ts';
import type { ToldValue } from '../../domain/privacy/typical-week.ts';
import { defencesUnderTest } from '../support/defences.ts';

const STEP = 1_800;
const QUARTER = { from: Date.UTC(2026, 0, 1) / 1000, until: Date.UTC(2026, 3, 1) / 1000, stepSeconds: STEP };
const gate = disclosureGate(defencesUnderTest().disclosureGate);

/** Areas in which every half-hour of so many days was the same, told or not. */
function similarHomes(composition: Composition, days: number, netWh: number, isTold: (i: number) => boolean = () => true) {
  const told = Array.from({ length: days * 48 }, (_, i) => ({ end: QUARTER.from + (i + 1) * STEP, netWh })).filter((_, i) => isTold(i));
  return tablesOfTold(composition, told, () => true);
}

/** @param isOut which of what is handed in the ledger let out */
function tablesOfTold(composition: Composition, told: readonly ToldValue[], isOut: (i: number) => boolean) {
  const ledger = new ReleaseLedger(gate);
  ledger.open([{ id: 'a', leaves: ['a'], composition }], QUARTER);
  for (const [i, { end }] of told.entries()) if (isOut(i)) ledger.record('a', end, 1);
  const tables = tablesOf('2026-Q1', [{ area: 'a', intervalMinutes: 30, composition, told }], ledger, gate);
  return { rows: tables.similarHomes, weekWh: tables.research[0]?.weekWh, told: ledger.told };
}

describe('similar homes', () => {
  it('R9.3-5: the month of a mean home is told for a hundred homes and not for 99', () => {
    expect(similarHomes(homes(100), 31, 20_000).rows).toEqual([{ area: 'a', month: '2026-01', meanKWh: 298 }]);
    expect(similarHomes(homes(99), 31, 20_000).rows).toEqual([]);
  });

  it('a month of which more than a tenth was not told is none; less is filled up with more of the same', () => {
    expect(similarHomes(homes(100), 31, 20_000, (i) => i % 10 !== 0).rows).toEqual([]);
    expect(similarHomes(homes(100), 31, 20_000, (i) => i % 20 !== 0).rows).toEqual([{ area: 'a', month: '2026-01', meanKWh: 298 }]);
    expect(similarHomes(homes(100), 27, 20_000).rows).toEqual([]);
  });

  it('where a firm is among them homes are not compared', () => {
    const shop = compositionOf([{ class: 'commercial', annualWh: 0 }]);
    expect(similarHomes(together([homes(100), shop]), 31, 20_000).rows).toEqual([]);
    const countsElsewhere = { ...homes(0), othersElsewhere: 1 };
    expect(similarHomes(together([homes(100), countsElsewhere]), 31, 20_000).rows).toEqual([]);
  });

  it('R9.3-5: of values that the ledger did not let out none is in a mean or a week, wherever they come from', () => {
    const isOut = (i: number) => i >= 96;
    const wild = Array.from({ length: 31 * 48 }, (_, i) => ({ end: QUARTER.from + (i + 1) * STEP, netWh: isOut(i) ? 20_000 : 9e9 }));
    const { rows, weekWh, told } = tablesOfTold(homes(100), wild, isOut);
    expect(rows).toEqual([{ area: 'a', month: '2026-01', meanKWh: 298 }]);
    expect(Math.max(...weekWh!.map((value) => value ?? 0))).toBeLessThan(1e6);
    expect(told.get('similar-homes')).toBe(wild.filter((_, i) => isOut(i)).length);
    expect(tablesOfTold(homes(100), wild, () => false)).toMatchObject({ rows: [], weekWh: undefined });
  });

  it('every value used is in the one ledger', () => {
    expect(Object.fromEntries(similarHomes(homes(100), 31, 20_000).told)).toEqual({ area: 1_488, research: 124, 'similar-homes': 1_488 });
  });
});
