import fc from 'fast-check';
import type { DisclosureGate } from '../../../domain/privacy/gate.ts';
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
  | { readonly what: 'tell'; readonly area: number; readonly interval: number; readonly closing: boolean }
  | { readonly what: 'tell parent'; readonly from: number; readonly until: number }
  | { readonly what: 'tell sum'; readonly areas: readonly number[] }
  | { readonly what: 'close'; readonly area: number };

export const happenings: fc.Arbitrary<{ readonly leaves: readonly string[]; readonly happened: readonly Happening[] }> = fc
  .array(fc.constantFrom(...LEAVES), { minLength: 9, maxLength: 14 })
  .chain((leaves) => {
    const interval = fc.constantFrom(...INTERVALS);
    const happening = fc.oneof(
      {
        arbitrary: fc.record({ what: fc.constant('arrive' as const), homes: fc.subarray([...leaves.keys()], { minLength: 3 }), interval }),
        weight: 5,
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
    return fc.record({ leaves: fc.constant(leaves), happened: fc.array(happening, { minLength: 10, maxLength: 30, size: 'max' }) });
  });

/** Homes report late or twice, areas are told and told again; what went out is kept as an observer could add it up. */
export class ToldTown {
  readonly cells: CellVector[] = [];
  /** Cells of these that replaced another. */
  revisions = 0;
  readonly #leaves: readonly string[];
  readonly #partition: Partition;
  readonly #ledger: ReleaseLedger;
  readonly #here = INTERVALS.map(() => new Set<number>());
  /** Values that are in the latest cell out, by area and interval. */
  readonly #out = new Map<string, readonly number[]>();

  constructor(leaves: readonly string[], gate: DisclosureGate) {
    this.#leaves = leaves;
    const customers = leaves.map((leaf) => ({ leaf, class: 'residential', annualWh: 3_000 }) as const);
    const beside = new Map(leaves.includes('a') && leaves.includes('b') ? [['a', ['b']]] : []);
    const there = leavesOf(customers, beside);
    this.#partition = partitionOf(
      { quarter: '2026-Q1', leaves: there, parents: [{ id: 'town', leaves: there.map(({ id }) => id) }] },
      gate,
    );
    this.#ledger = new ReleaseLedger(gate);
    this.#ledger.open(this.atoms(), { from: 0, until: STEP * INTERVALS.length, stepSeconds: STEP });
  }

  atoms(): readonly Area[] {
    const { areas, parents } = this.#partition;
    return [...new Map([...areas, ...parents.flatMap(({ atoms }) => atoms)].map((area) => [area.id, area])).values()];
  }

  take(happening: Happening): void {
    const atoms = this.atoms();
    if (happening.what === 'arrive') for (const home of happening.homes) this.#here[happening.interval]!.add(home);
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

  #tell(area: Area | undefined, interval: number, closing: boolean): void {
    if (area === undefined) return;
    const key = `${area.id}/${interval}`;
    const values = [...this.#here[interval]!].filter((home) => area.leaves.includes(this.#leaves[home]!));
    const before = this.#out.get(key) ?? [];
    const changed = values.filter((home) => !before.includes(home)).length;
    const end = (interval + 1) * STEP;
    if (!this.#ledger.release({ area: area.id, end, received: values.length, changed }, closing).out) return;
    if (before.length > 0) this.revisions++;
    this.#out.set(key, values);
    this.cells.push(new Map(values.map((home) => [`${home}/${interval}`, 1])));
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
        for (const home of this.#out.get(`${id}/${interval}`)!) sum.set(`${home}/${interval}`, 1);
    }
    this.cells.push(sum);
  }
}
