import fc from 'fast-check';
import { type DisclosureGate, homes } from '../../../domain/privacy/gate.ts';
import { ReleaseLedger } from '../../../domain/privacy/ledger.ts';
import { type Area, leavesOf, type Partition, partitionOf } from '../../../domain/privacy/partition.ts';
import type { CellVector } from './span.ts';

/** A small gate, so that every combination can be tried. */
export const FEW = 3;
const STEP = 1_800;
const INTERVALS = [0, 1];
/** Most homes are in one, so that late ones can be enough. */
const LEAVES = ['a', 'a', 'a', 'b', 'c'];

export type Happening =
  | { readonly what: 'arrive'; readonly homes: readonly number[]; readonly interval: number }
  | { readonly what: 'feed in'; readonly homes: readonly number[]; readonly interval: number }
  | { readonly what: 'tell'; readonly area: number; readonly interval: number; readonly closing: boolean }
  | { readonly what: 'tell parent'; readonly from: number; readonly until: number }
  | { readonly what: 'tell sum'; readonly areas: readonly number[] }
  | { readonly what: 'close'; readonly area: number };

export const happenings: fc.Arbitrary<{
  readonly leaves: readonly string[];
  readonly roofs: readonly number[];
  readonly happened: readonly Happening[];
}> = fc.array(fc.constantFrom(...LEAVES), { minLength: 9, maxLength: 14 }).chain((leaves) => {
  const interval = fc.constantFrom(...INTERVALS);
  const happening = fc.oneof(
    {
      arbitrary: fc.record({ what: fc.constant('arrive' as const), homes: fc.subarray([...leaves.keys()], { minLength: 3 }), interval }),
      weight: 5,
    },
    {
      arbitrary: fc.record({ what: fc.constant('feed in' as const), homes: fc.subarray([...leaves.keys()], { minLength: 3 }), interval }),
      weight: 4,
    },
    { arbitrary: fc.record({ what: fc.constant('tell' as const), area: fc.nat(2), interval, closing: fc.boolean() }), weight: 8 },
    fc.constantFrom(
      { what: 'tell parent' as const, from: 0, until: 1 },
      { what: 'tell parent' as const, from: 0, until: 2 },
      { what: 'tell parent' as const, from: 1, until: 2 },
    ),
    fc.record({ what: fc.constant('tell sum' as const), areas: fc.subarray([0, 1, 2], { minLength: 1 }) }),
    fc.record({ what: fc.constant('close' as const), area: fc.nat(2) }),
  );
  const roofs = fc.subarray([...leaves.keys()]);
  return fc.record({ leaves: fc.constant(leaves), roofs, happened: fc.array(happening, { minLength: 10, maxLength: 30, size: 'max' }) });
});

/** Homes report late or twice, areas are told and told again; what went out is kept as an observer could add it up. */
export class ToldTown {
  readonly cells: CellVector[] = [];
  /** Cells of these that replaced another. */
  revisions = 0;
  /** Cells that told export. */
  apart = 0;
  readonly #leaves: readonly string[];
  readonly #roofs: ReadonlySet<number>;
  readonly #partition: Partition;
  readonly #ledger: ReleaseLedger;
  readonly #here = INTERVALS.map(() => new Set<number>());
  readonly #fedIn = INTERVALS.map(() => new Set<number>());
  /** Values that are in the latest cell out, by area and interval. */
  readonly #out = new Map<string, Values>();

  constructor(leaves: readonly string[], roofs: readonly number[], gate: DisclosureGate, on: boolean) {
    this.#leaves = leaves;
    this.#roofs = new Set(roofs);
    const customers = leaves.map((leaf) => ({ leaf, class: 'residential', annualWh: 3_000 }) as const);
    const beside = new Map(leaves.includes('a') && leaves.includes('b') ? [['a', ['b']]] : []);
    const feeding = Map.groupBy(roofs, (home) => leaves[home]!);
    const there = leavesOf(customers, beside).map((leaf) => ({ ...leaf, exporters: homes(feeding.get(leaf.id)?.length ?? 0) }));
    this.#partition = partitionOf(
      { quarter: '2026-Q1', leaves: there, parents: [{ id: 'town', leaves: there.map(({ id }) => id) }] },
      gate,
    );
    this.#ledger = new ReleaseLedger(gate, on);
    this.#ledger.open(this.atoms(), { from: 0, until: STEP * INTERVALS.length, stepSeconds: STEP });
  }

  atoms(): readonly Area[] {
    const { areas, parents } = this.#partition;
    return [...new Map([...areas, ...parents.flatMap(({ atoms }) => atoms)].map((area) => [area.id, area])).values()];
  }

  take(happening: Happening): void {
    const atoms = this.atoms();
    if (happening.what === 'arrive') for (const home of happening.homes) this.#here[happening.interval]!.add(home);
    else if (happening.what === 'feed in') this.#feedIn(happening.homes, happening.interval);
    else if (happening.what === 'tell') this.#tell(atoms[happening.area], happening.interval, happening.closing);
    else if (happening.what === 'close') this.#ledger.close(atoms[happening.area]?.id ?? '', STEP);
    else if (happening.what === 'tell sum')
      this.#sum(
        happening.areas.flatMap((i) => atoms[i] ?? []),
        0,
        1,
      );
    else this.#parent(happening.from, happening.until);
  }

  #feedIn(at: readonly number[], interval: number): void {
    for (const home of at) if (this.#roofs.has(home)) this.#fedIn[interval]!.add(home);
  }

  #tell(area: Area | undefined, interval: number, closing: boolean): void {
    if (area === undefined) return;
    const key = `${area.id}/${interval}`;
    const inArea = (set: ReadonlySet<number>) => [...set].filter((home) => area.leaves.includes(this.#leaves[home]!));
    const values: Values = { taken: inArea(this.#here[interval]!), fedIn: inArea(this.#fedIn[interval]!) };
    const before = this.#out.get(key) ?? { taken: [], fedIn: [] };
    const newIn = (kind: keyof Values) => values[kind].filter((home) => !before[kind].includes(home)).length;
    const fedIn = { received: values.fedIn.length, changed: newIn('fedIn') };
    const cell = { area: area.id, end: (interval + 1) * STEP, received: values.taken.length, changed: newIn('taken'), fedIn };
    const verdict = this.#ledger.release(cell, closing);
    if (!verdict.out) return;
    if (verdict.revision > 1) this.revisions++;
    this.#out.set(key, values);
    if (!verdict.apart) {
      this.cells.push(netOf(values, interval));
      return;
    }
    this.apart++;
    this.cells.push(netOf({ ...values, fedIn: [] }, interval), netOf({ ...values, taken: [] }, interval));
  }

  #parent(from: number, until: number): void {
    const town = this.#partition.parents[0]!;
    if (town.published) this.#sum(town.atoms, from, until);
  }

  /** Of what is out now, as every other product must be. */
  #sum(areas: readonly Area[], from: number, until: number): void {
    const cell = { product: 'sum', areas: areas.map(({ id }) => id), from: from * STEP, until: until * STEP };
    if (!this.#ledger.derive(cell).out) return;
    const sum = new Map<string, number>();
    for (const { id } of areas) {
      for (let interval = from; interval < until; interval++)
        for (const [unknown, times] of netOf(this.#out.get(`${id}/${interval}`)!, interval)) sum.set(unknown, times);
    }
    this.cells.push(sum);
  }
}

/** Homes whose import, and whose export, is in a cell. */
interface Values {
  readonly taken: readonly number[];
  readonly fedIn: readonly number[];
}

/** What a home takes and what it feeds in are two unknowns of an interval. */
function netOf({ taken, fedIn }: Values, interval: number): CellVector {
  const terms = taken.map((home) => [`${home}/${interval}/import`, 1] as const);
  return new Map([...terms, ...fedIn.map((home) => [`${home}/${interval}/export`, -1] as const)]);
}
