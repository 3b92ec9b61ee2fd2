import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Composition, disclosureGate, homes, NOBODY } from '../../domain/privacy/gate.ts';
import { type Present, ReleaseLedger } from '../../domain/privacy/ledger.ts';
import { DISCLOSURE_POLICY } from '../../domain/privacy/policy.ts';
import { judgeRevision } from '../../domain/privacy/revisions.ts';
import { weakenedPolicy } from '../../domain/privacy/weakening.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { fewestHomes } from './support/span.ts';
import { FEW, happenings, ToldTown } from './support/told-town.ts';

const { disclosureGate: on, releaseLedger } = defencesUnderTest();
const STEP = 1_800;
const QUARTER = { from: 0, until: 10 * STEP, stepSeconds: STEP };

function ledgerOf(...sizes: number[]): ReleaseLedger {
  const ledger = new ReleaseLedger(disclosureGate(on), releaseLedger);
  const areas = sizes.map((size, i) => ({ id: `area-${i}`, leaves: [`leaf-${i}`], composition: homes(size) }));
  ledger.open(areas, QUARTER);
  return ledger;
}

function cell(interval: number, received = 200, changed = 0, area = 'area-0') {
  return { area, end: (interval + 1) * STEP, received, changed };
}

describe('ledger of released cells', () => {
  it('R9.4-4, C10.4-3: no combination of released cells, over revisions, products and parents, is about fewer homes than the gate wants', () => {
    const gate = disclosureGate(on, weakenedPolicy(DISCLOSURE_POLICY, { residential: FEW, largestPercent: 100 }));
    let cells = 0;
    let revised = 0;
    let apart = 0;
    fc.assert(
      fc.property(happenings, ({ leaves, roofs, happened }) => {
        const town = new ToldTown(leaves, roofs, gate, releaseLedger);
        for (const happening of happened) town.take(happening);
        cells += town.cells.length;
        revised += town.revisions;
        apart += town.apart;
        expect(fewestHomes(town.cells, (unknown) => unknown.split('/')[0]!, FEW - 1)).toBeUndefined();
      }),
      { numRuns: 800 },
    );
    expect(cells).toBeGreaterThan(300);
    expect(revised).toBeGreaterThan(10);
    expect(apart).toBeGreaterThan(100);
  });

  it('the observer of these tests does find a home that two cells tell apart', () => {
    const all = new Map([1, 2, 3].map((home) => [`${home}/0`, 1]));
    const some = new Map([1, 2].map((home) => [`${home}/0`, 1]));
    expect(fewestHomes([all, some], (unknown) => unknown.split('/')[0]!, 2)).toBe(1);
    expect(fewestHomes([all], (unknown) => unknown.split('/')[0]!, 2)).toBeUndefined();
  });

  it('R9.4-4: 99 late homes make no revision, not even when the day is closed, and 100 do', () => {
    const ledger = ledgerOf(300);
    expect(ledger.release(cell(0))).toEqual({ out: true, revision: 1 });
    expect(ledger.release(cell(0, 299, 99))).toEqual({ out: false, why: 'wait' });
    expect(ledger.release(cell(0, 299, 99), true)).toEqual({ out: false, why: 'stands' });
    expect(ledger.release(cell(0, 300, 100), true)).toEqual({ out: true, revision: 2 });
    expect(ledger.release(cell(0, 300, 0), true)).toEqual({ out: false, why: 'unchanged' });
  });

  it('R9.4-4, C10.4-3: 99 homes that feed in are told net only, 100 apart, for the whole quarter, and who has left counts no longer', () => {
    const released = (roofs: number, there: number, received: number) => {
      const ledger = new ReleaseLedger(disclosureGate(on), releaseLedger);
      ledger.open([{ id: 'area-0', leaves: ['leaf-0'], composition: homes(300), exporters: homes(roofs) }], QUARTER);
      const present = { customers: homes(300), exporters: homes(there) };
      return ledger.release({ ...cell(0), fedIn: { received, changed: received }, present });
    };
    expect(released(99, 99, 99)).toEqual({ out: true, revision: 1 });
    expect(released(99, 120, 120)).toEqual({ out: true, revision: 1 });
    expect(released(100, 100, 100)).toEqual({ out: true, revision: 1, apart: true });
    expect(released(100, 99, 99)).toEqual({ out: true, revision: 1 });
    expect(released(100, 100, 89)).toEqual({ out: true, revision: 1 });
  });

  it('R9.4-4, C10.4-3: a revision in which a few more roofs are is net, and so is every one after it', () => {
    const ledger = new ReleaseLedger(disclosureGate(on), releaseLedger);
    ledger.open([{ id: 'area-0', leaves: ['leaf-0'], composition: homes(900), exporters: homes(300) }], QUARTER);
    const revised = (changed: number) => ledger.release({ ...cell(0, 900, 100), fedIn: { received: 300, changed } });
    expect([100, 0, 100].map((changed) => revised(changed))).toMatchObject([{ apart: true }, { apart: true }, { apart: true }]);
    expect(revised(1)).toEqual({ out: true, revision: 4 });
    expect(revised(100)).toEqual({ out: true, revision: 5 });
  });

  it('R9.4-4, C10.4-3: an area in which anybody is no home has no revision, however many are late: one of them may have most of it', () => {
    const revised = (composition: Composition, present?: Present) => {
      const ledger = new ReleaseLedger(disclosureGate(on), releaseLedger);
      ledger.open([{ id: 'area-0', leaves: ['leaf-0'], composition }], QUARTER);
      const there = present === undefined ? {} : { present };
      expect(ledger.release({ ...cell(0), ...there })).toEqual({ out: true, revision: 1 });
      return [false, true].map((closing) => ledger.release({ ...cell(0, 300, 100), ...there }, closing));
    };
    const none = [
      { out: false, why: 'wait' },
      { out: false, why: 'stands' },
    ];
    const all = { customers: homes(300), exporters: NOBODY };
    expect(revised({ ...homes(300), others: 1 })).toEqual(none);
    expect(revised({ ...homes(300), others: 1 }, all)).toEqual(none);
    expect(revised({ ...homes(300), othersElsewhere: 1 })).toEqual(none);
    expect(revised(homes(300), { ...all, others: true })).toEqual(none);
    expect(revised(homes(300), { ...all, exporters: { ...NOBODY, others: 1 } })).toEqual(none);
    expect(revised(homes(300), all)[0]).toEqual({ out: true, revision: 2 });
  });

  it('R9.4-4: an area of which too little has arrived waits', () => {
    const ledger = ledgerOf(300);
    expect(ledger.release(cell(0, 89))).toEqual({ out: false, why: 'too-few-read' });
    expect(ledger.release(cell(0, 90))).toEqual({ out: true, revision: 1 });
  });

  it('R9.4-4: homes that join and leave change who is in later intervals, and an area that falls below the gate ends there', () => {
    const ledger = ledgerOf(100);
    const at = (interval: number, there: number) =>
      ledger.release({ ...cell(interval, 99), present: { customers: homes(there), exporters: NOBODY } });
    expect([100, 100, 99, 99, 101].map((there, interval) => at(interval, there).out)).toEqual([true, true, false, false, true]);
    expect(at(2, 99)).toEqual({ out: false, why: 'below-gate' });
  });

  it('a closed day stays as it was told', () => {
    const ledger = ledgerOf(300);
    ledger.release(cell(0));
    ledger.close('area-0', 2 * STEP);
    expect(ledger.release(cell(0, 300, 100))).toEqual({ out: false, why: 'final' });
    expect(ledger.release(cell(1))).toEqual({ out: false, why: 'final' });
    expect(ledger.release(cell(2))).toEqual({ out: true, revision: 1 });
  });

  it('outside its quarter an area is unknown', () => {
    const ledger = ledgerOf(300);
    expect(ledger.release(cell(10))).toEqual({ out: false, why: 'unknown' });
    expect(ledger.release(cell(-1))).toEqual({ out: false, why: 'unknown' });
    expect(ledger.release(cell(0, 300, 0, 'nowhere'))).toEqual({ out: false, why: 'unknown' });
    expect(ledger.release({ ...cell(0), end: STEP / 2 })).toEqual({ out: false, why: 'unknown' });
  });

  it('R9.4-4: a sum of what is out goes out, any other does not', () => {
    const ledger = ledgerOf(300, 300);
    for (const interval of [0, 1]) for (const area of ['area-0', 'area-1']) ledger.release(cell(interval, 300, 0, area));
    ledger.release(cell(2));
    const sum = (areas: string[], until: number) => ledger.derive({ product: 'research', areas, from: 0, until: until * STEP }).out;
    expect(sum(['area-0', 'area-1'], 2)).toBe(true);
    expect(sum(['area-0'], 3)).toBe(true);
    expect(sum(['area-0', 'area-1'], 3)).toBe(false);
    expect(sum(['area-0', 'area-0'], 2)).toBe(false);
    expect(sum([], 2)).toBe(false);
    expect(Object.fromEntries(ledger.told)).toEqual({ area: 5, research: 2 });
  });

  it('R9.4-4: the same leaf in two areas of one time is refused', () => {
    const ledger = ledgerOf(300);
    const other = [{ id: 'area-9', leaves: ['leaf-0', 'leaf-1'], composition: homes(400) }];
    expect(() => ledger.open(other, QUARTER)).toThrow(expect.objectContaining({ code: 'ERR_LEDGER_OVERLAP' }));
    const next = { from: QUARTER.until, until: QUARTER.until + STEP, stepSeconds: STEP };
    ledger.open(other, next);
    expect(ledger.release({ ...cell(10), area: 'area-9' })).toEqual({ out: true, revision: 1 });
  });

  it('the same partition opened again changes nothing', () => {
    const ledger = ledgerOf(300);
    ledger.release(cell(0));
    ledger.open([{ id: 'area-0', leaves: ['leaf-0'], composition: homes(300) }], QUARTER);
    expect(ledger.revisionOf('area-0', 0)).toBe(1);
  });

  it('revisions come in any order of intervals, and each has its own number', () => {
    const interval = fc.nat(9);
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 40 }), (intervals) => {
        const ledger = ledgerOf(300);
        const told = Array<number>(10).fill(0);
        for (const at of intervals) {
          told[at]!++;
          expect(ledger.release(cell(at, 300, 100))).toEqual({ out: true, revision: told[at] });
          expect(told.map((_, i) => ledger.revisionOf('area-0', i * STEP))).toEqual(told);
        }
        const covered = told.every((revision) => revision > 0);
        expect(ledger.derive({ product: 'x', areas: ['area-0'], from: 0, until: QUARTER.until }).out).toBe(covered);
      }),
    );
  });
});

describe('revision', () => {
  it('R9.4-4: is judged by the homes that changed', () => {
    const gate = disclosureGate(on);
    expect(judgeRevision(homes(0), false, gate)).toBe('unchanged');
    expect(judgeRevision(homes(99), false, gate)).toBe('wait');
    expect(judgeRevision(homes(99), true, gate)).toBe('stands');
    expect(judgeRevision(homes(100), false, gate)).toBe('release');
  });
});
