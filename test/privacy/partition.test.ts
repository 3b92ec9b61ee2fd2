import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Composition, compositionOf, disclosureGate, homes, NOBODY, together } from '../../domain/privacy/gate.ts';
import { type Leaf, leavesOf, partitionOf } from '../../domain/privacy/partition.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { towns } from './support/arbitraries.ts';

const gate = disclosureGate(defencesUnderTest().disclosureGate);
const QUARTER = '2026-Q1';

function leaf(id: string, count: number, neighbours: readonly string[] = []): Leaf {
  const customers = Array.from({ length: count }, () => ({ class: 'residential', annualWh: 3_000_000 }) as const);
  return { id, composition: compositionOf(customers), neighbours };
}

function partition(leaves: readonly Leaf[], parents: readonly { id: string; leaves: readonly string[] }[] = []) {
  return partitionOf({ quarter: QUARTER, leaves, parents }, gate);
}

describe('partition', () => {
  it('R9.4-4, C10.4-3: every leaf is in one area or suppressed, and every area passes the gate', () => {
    const real = disclosureGate();
    fc.assert(
      fc.property(towns(), (leaves) => {
        const { areas, suppressed } = partition(leaves);
        const placed = [...areas.flatMap((area) => area.leaves), ...suppressed];
        expect(placed.sort()).toEqual(leaves.map(({ id }) => id).sort());
        for (const { leaves: members, composition } of areas) {
          expect(composition).toEqual(together(members.map((id) => compositionAt(leaves, id))));
          expect(real.passes(composition)).toBe(true);
        }
      }),
    );
  });

  it('R9.4-4, C10.4-3: what is left of a published parent beside its areas passes the gate, and so between parents', () => {
    const real = disclosureGate();
    const parents = (leaves: readonly Leaf[]) =>
      fc
        .array(
          fc.subarray(
            leaves.map(({ id }) => id),
            { minLength: 1 },
          ),
          { maxLength: 5 },
        )
        .map((lists) => lists.map((ids, i) => ({ id: `p${i}`, leaves: ids })));
    const input = towns().chain((leaves) => fc.tuple(fc.constant(leaves), parents(leaves)));
    fc.assert(
      fc.property(input, ([leaves, wanted]) => {
        const told = partition(leaves, wanted).parents.filter(({ published }) => published);
        for (const { id, atoms } of told) {
          expect(atoms.flatMap((atom) => atom.leaves).sort()).toEqual(wanted.find((parent) => parent.id === id)!.leaves.toSorted());
        }
        const atoms = new Map(told.flatMap(({ atoms: all }) => all.map((atom) => [atom.id, atom] as const)));
        for (const { composition } of atoms.values()) expect(real.passes(composition)).toBe(true);
        const members = [...atoms.values()].flatMap((atom) => atom.leaves);
        expect(new Set(members).size).toBe(members.length);
      }),
    );
  });

  it('is the same in whatever order the leaves come', () => {
    const shuffled = towns().chain((leaves) =>
      fc.tuple(fc.constant(leaves), fc.shuffledSubarray([...leaves], { minLength: leaves.length })),
    );
    fc.assert(
      fc.property(shuffled, ([leaves, other]) => {
        expect(partition(other)).toEqual(partition(leaves));
      }),
    );
  });

  it('R9.4-4: a leaf below the gate is merged with its smallest neighbour', () => {
    const { areas, suppressed } = partition([leaf('a', 99, ['b', 'c']), leaf('b', 300), leaf('c', 120), leaf('d', 100)]);
    expect(areas.map(({ id }) => id)).toEqual(['a+c', 'b', 'd']);
    expect(suppressed).toEqual([]);
  });

  it('R9.4-4: a leaf below the gate without neighbours is suppressed, and its parent with it', () => {
    const parents = [{ id: 'town', leaves: ['a', 'b'] }];
    const { areas, suppressed, parents: verdicts } = partition([leaf('a', 99), leaf('b', 300)], parents);
    expect(areas.map(({ id }) => id)).toEqual(['b']);
    expect(suppressed).toEqual(['a']);
    expect(verdicts).toEqual([{ id: 'town', published: false, why: 'rest-below-gate', atoms: [] }]);
  });

  it('a parent is told when the leaves it hides are enough together, and a larger one that would single one of them out is not', () => {
    const leaves = [leaf('a', 60), leaf('b', 60), leaf('c', 30), leaf('d', 200)];
    const parents = [
      { id: 'all', leaves: ['a', 'b', 'c', 'd'] },
      { id: 'most', leaves: ['a', 'b', 'd'] },
    ];
    const [most, all] = partitionOf({ quarter: QUARTER, leaves, parents }, disclosureGate()).parents;
    expect(most).toMatchObject({ id: 'most', published: true });
    expect(most!.atoms.map(({ id }) => id)).toEqual(['d', 'a+b']);
    expect(all).toMatchObject({ id: 'all', published: false, why: 'rest-below-gate' });
  });

  it('a parent that cuts a merged area is not told', () => {
    const parents = [{ id: 'west', leaves: ['a'] }];
    const { areas, parents: verdicts } = partitionOf(
      { quarter: QUARTER, leaves: [leaf('a', 60, ['b']), leaf('b', 60)], parents },
      disclosureGate(),
    );
    expect(areas.map(({ id }) => id)).toEqual(['a+b']);
    expect(verdicts).toMatchObject([{ published: false, why: 'cuts-an-area' }]);
  });

  it('dominance is judged on the year: a firm takes its neighbour along', () => {
    const firm = { class: 'commercial', annualWh: 200_000_000 } as const;
    const big: Leaf = { ...leaf('a', 100, ['b']), composition: together([homes(100), compositionOf([firm])]) };
    const { areas } = partitionOf({ quarter: QUARTER, leaves: [big, leaf('b', 500)], parents: [] }, disclosureGate());
    expect(areas.map(({ id }) => id)).toEqual(['a+b']);
  });

  it('customers name their leaf, so each is in one', () => {
    const customers = [
      { leaf: 'b', class: 'residential', annualWh: 1 },
      { leaf: 'b', class: 'commercial', annualWh: 2 },
    ] as const;
    expect(leavesOf(customers, new Map([['a', ['b']]]))).toEqual([
      { id: 'a', composition: NOBODY, neighbours: ['b'] },
      { id: 'b', composition: { residential: 1, others: 1, largestWh: 2, totalWh: 3 }, neighbours: [] },
    ]);
  });

  it.each([
    ['a leaf that is there twice', [leaf('a', 1), leaf('a', 1)], []],
    ['a neighbour that is not there', [leaf('a', 1, ['b'])], []],
    ['a parent of leaves that are not there', [leaf('a', 1)], [{ id: 'town', leaves: ['b'] }]],
    ['a name that reads like a merged one', [leaf('a+b', 1)], []],
  ])('refuses %s', (_what, leaves, parents) => {
    expect(() => partition(leaves, parents)).toThrow(expect.objectContaining({ code: 'ERR_PARTITION_LEAVES' }));
  });
});

function compositionAt(leaves: readonly Leaf[], id: string): Composition {
  return leaves.find((there) => there.id === id)!.composition;
}
