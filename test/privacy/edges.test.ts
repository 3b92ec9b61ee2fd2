import { describe, expect, it } from 'vitest';
import { disclosureGate, homes, NOBODY } from '../../domain/privacy/gate.ts';
import { ReleaseLedger } from '../../domain/privacy/ledger.ts';
import { mergeLeaves } from '../../domain/privacy/merging.ts';
import { judgeParents } from '../../domain/privacy/parents.ts';
import { type Leaf, partitionOf } from '../../domain/privacy/partition.ts';
import { release } from '../../domain/privacy/release.ts';

const STEP = 1_800;
const QUARTER = { from: 0, until: 4 * STEP, stepSeconds: STEP };
const area = (id: string, leaves: readonly string[] = [id]) => ({ id, leaves, composition: homes(300) });
const leaf = (id: string, count: number, neighbours: readonly string[] = []): Leaf => ({ id, composition: homes(count), neighbours });
const gate = disclosureGate();
const overlap = expect.objectContaining({ code: 'ERR_LEDGER_OVERLAP' });

describe('a ledger, at the edges of time', () => {
  it('R9.4-4: an area that ends where another of the same leaf begins is another area', () => {
    const ledger = new ReleaseLedger(gate);
    ledger.open([area('one')], { from: 10 * STEP, until: 20 * STEP, stepSeconds: STEP });
    ledger.open([area('before', ['one'])], { from: 0, until: 10 * STEP, stepSeconds: STEP });
    ledger.open([area('after', ['one'])], { from: 20 * STEP, until: 30 * STEP, stepSeconds: STEP });
    expect(() => ledger.open([area('inside', ['one', 'two'])], { from: 29 * STEP, until: 40 * STEP, stepSeconds: STEP })).toThrow(overlap);
    expect(() => ledger.open([area('early', ['one'])], { from: -STEP, until: STEP, stepSeconds: STEP })).toThrow(overlap);
    const released = (id: string, interval: number) => ledger.release({ area: id, end: (interval + 1) * STEP, received: 300 }).out;
    expect([released('before', 9), released('before', 10)]).toEqual([true, false]);
    expect([released('one', 9), released('one', 10), released('one', 19), released('one', 20)]).toEqual([false, true, true, false]);
    expect([released('after', 19), released('after', 20)]).toEqual([false, true]);
  });

  it('R9.4-4: of several books of a leaf one that meets is enough', () => {
    const ledger = new ReleaseLedger(gate);
    ledger.open([area('one')], QUARTER);
    ledger.open([area('one')], { from: 4 * STEP, until: 8 * STEP, stepSeconds: STEP });
    expect(() => ledger.open([area('two', ['one'])], { from: 6 * STEP, until: 7 * STEP, stepSeconds: STEP })).toThrow(overlap);
  });

  it('a value recorded counts as told once, net unless it says otherwise, and of no area as nothing', () => {
    const exporters = homes(200);
    const ledger = new ReleaseLedger(gate);
    ledger.open([{ ...area('one'), exporters }], QUARTER);
    ledger.record('one', STEP, 1);
    ledger.record('one', 2 * STEP, 1, true);
    ledger.record('nowhere', STEP, 1);
    expect([ledger.revisionOf('one', 0), ledger.revisionOf('one', STEP), ledger.revisionOf('one', 2 * STEP)]).toEqual([1, 1, 0]);
    expect(ledger.revisionOf('nowhere', 0)).toBe(0);
    expect(Object.fromEntries(ledger.told)).toEqual({ area: 2 });
    const again = (interval: number) =>
      ledger.release({ area: 'one', end: (interval + 1) * STEP, received: 300, changed: 150, fedIn: { received: 200, changed: 0 } });
    expect(again(0)).toEqual({ out: true, revision: 2 });
    expect(again(1)).toEqual({ out: true, revision: 2, apart: true });
  });

  it('a sum has the newest revision of its areas, and wants a time that passes and areas that are known', () => {
    const ledger = new ReleaseLedger(gate);
    ledger.open([area('one'), area('two')], QUARTER);
    ledger.record('one', STEP, 1);
    ledger.record('two', STEP, 3);
    const derived = (areas: readonly string[], from: number, until: number) => ledger.derive({ product: 'x', areas, from, until });
    expect(derived(['one', 'two'], 0, STEP)).toEqual({ out: true, revision: 3 });
    expect(derived(['one'], 0, 0)).toEqual({ out: false, why: 'not-out' });
    expect(derived(['one'], STEP, 0)).toEqual({ out: false, why: 'not-out' });
    expect(derived(['one', 'nowhere'], 0, STEP)).toEqual({ out: false, why: 'not-out' });
  });

  it('with the mechanism off everything goes out, import and export apart', () => {
    const ledger = new ReleaseLedger(gate, false);
    ledger.open([{ ...area('one'), composition: homes(1), exporters: NOBODY }], QUARTER);
    expect(ledger.release({ area: 'one', end: STEP, received: 0 })).toEqual({ out: true, revision: 1, apart: true });
    expect(ledger.derive({ product: 'x', areas: ['nowhere'], from: 0, until: STEP })).toEqual({ out: true, revision: 0 });
  });

  it('with the gate off everything passes', () => {
    const open = disclosureGate(false);
    expect([open.passes(homes(1)), open.passesRead(homes(100), 0), open.finestStep(homes(1))]).toEqual([true, true, 30]);
  });
});

describe('a partition, at its edges', () => {
  it('neighbours are so from both sides, and nobody is beside itself', () => {
    expect(mergeLeaves([leaf('a', 300, ['b']), leaf('b', 40)], gate).map(({ id }) => id)).toEqual(['a+b']);
    expect(mergeLeaves([leaf('b', 40, ['b'])], gate).map(({ id }) => id)).toEqual(['b']);
  });

  it('of two that are as small the one with the lower id is merged first, and with the lower id of as small neighbours', () => {
    const ids = (leaves: readonly Leaf[]) => mergeLeaves(leaves, gate).map(({ id }) => id);
    expect(ids([leaf('m', 50, ['z', 'c']), leaf('z', 200), leaf('c', 200)])).toEqual(['c+m', 'z']);
    expect(ids([leaf('m', 50, ['c', 'z']), leaf('c', 200), leaf('z', 200)])).toEqual(['c+m', 'z']);
    expect(ids([leaf('b', 60, ['c']), leaf('a', 60, ['c']), leaf('c', 60)])).toEqual(['a+b+c']);
    expect(ids([leaf('d', 60, ['c']), leaf('c', 60), leaf('a', 60, ['b']), leaf('b', 60)])).toEqual(['a+b', 'c+d']);
  });

  it('leaves that are left out are told in their order, and no parent is judged where there is none', () => {
    const partition = partitionOf({ quarter: '2026-Q1', leaves: [leaf('z', 5), leaf('b', 6), leaf('k', 200)] }, gate);
    expect(partition).toMatchObject({ suppressed: ['b', 'z'], parents: [] });
    expect(partition.areas.map(({ id }) => id)).toEqual(['k']);
  });

  it.each(['', 'a+b'])('no leaf is called %j', (id) => {
    expect(() => partitionOf({ quarter: '2026-Q1', leaves: [leaf(id, 200)] }, gate)).toThrow(
      expect.objectContaining({ code: 'ERR_PARTITION_LEAVES' }),
    );
  });

  it('R9.4-4: parents of one size are judged by their ids, the rest that one leaves is an area to the next', () => {
    const lost = [leaf('z', 60), leaf('a', 60), leaf('c', 30)];
    const parents = [
      { id: 'north', leaves: ['a', 'z'] },
      { id: 'east', leaves: ['z', 'a'] },
      { id: 'all', leaves: ['a', 'c', 'z'] },
    ];
    const [east, north, all] = judgeParents([], lost, parents, gate);
    expect([east!.id, north!.id]).toEqual(['east', 'north']);
    expect(east).toMatchObject({ published: true, atoms: [{ id: 'a+z', leaves: ['a', 'z'] }] });
    expect(north).toMatchObject({ published: true, atoms: [{ id: 'a+z' }] });
    expect(all).toEqual({ id: 'all', published: false, why: 'rest-below-gate', atoms: [] });
    expect(judgeParents([area('a+b', ['a', 'b'])], [], [{ id: 'half', leaves: ['a'] }], gate)).toEqual([
      { id: 'half', published: false, why: 'cuts-an-area', atoms: [] },
    ]);
  });
});

describe('tables of a quarter', () => {
  const tables = { quarter: '2026-Q1' } as never;
  it('go out once, and not after those of a later quarter', () => {
    const released = release.evolve(release.initial, { type: 'TablesReleased', data: tables });
    expect(release.decide({ type: 'ReleaseTables', tables }, release.initial)).toHaveLength(1);
    expect(release.decide({ type: 'ReleaseTables', tables }, released)).toEqual([]);
    expect(release.decide({ type: 'ReleaseTables', tables: { quarter: '2025-Q4' } as never }, released)).toEqual([]);
    expect(release.evolve(released, { type: 'ConsentExpired', data: { at: 1 } })).toBe(released);
  });
});
