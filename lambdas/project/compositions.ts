import { quarterAt } from '../../domain/demand/quarter.ts';
import { type Composition, type Customer, compositionOf, type DisclosureGate, NOBODY, together } from '../../domain/privacy/gate.ts';
import { type Leaf, partitionOf } from '../../domain/privacy/partition.ts';
import type { NewItem, ReadTable } from '../../platform/ports/read-models.ts';
import { jsonKind } from './item-changes.ts';

/** Who was in each leaf when a quarter began, as the disclosure gate asks: partition quarter, sort leaf. Nobody's: numbers of a whole leaf. */
export const COMPOSITIONS = 'compositions';

/** Partition of the items that say of which quarters all leaves are there. */
const COMPOSED = 'composed';
/** An item is made once; the stream stands for whoever asks. */
const UP_TO = { stream: 'area/partition', version: 0 } as const;

export interface LeafComposition extends Composition {
  /** Usage points, those that are nobody's included. */
  readonly homes: number;
  /** Customers who have fed in, by 12 months of that; absent = nobody. */
  readonly exporters?: Exporters;
}

export interface Exporters extends Composition {
  /** Usage points whose meter tells of export, used or not. */
  readonly homes: number;
}

interface PlaceCustomer extends Customer {
  readonly subject: string;
  /** Fed in within 12 months, Wh; absent = nothing that is known. */
  readonly exportWh?: number;
}

/** A customer's place. */
export interface Place {
  readonly leaf: string;
  /** Undefined for a usage point that is nobody's. */
  readonly customer: PlaceCustomer | undefined;
  /** The meter tells of export. */
  readonly tellsExport?: boolean;
}

const KIND = jsonKind<LeafComposition>();

/**
 * By leaf. A customer who has several usage points is one, and counts in one leaf, the first by name. In each leaf a customer is as large
 * as all the usage points together: leaves may be merged, and half a customer must dominate neither half.
 */
export function composeLeaves(places: readonly Place[]): ReadonlyMap<string, LeafComposition> {
  const customers = customersOf(places);
  const takers = byLeaf(customers.map((of) => ({ class: of.class, energyWh: of.takenWh })));
  const feeding = byLeaf(customers.map((of) => ({ class: of.class, energyWh: of.fedInWh })));
  const composed = [...Map.groupBy(places, ({ leaf }) => leaf)].map(([leaf, here]) => {
    const fedIn = feeding.get(leaf);
    const exporters = fedIn && { ...fedIn, homes: here.filter(({ tellsExport }) => tellsExport).length };
    return [leaf, { ...(takers.get(leaf) ?? NOBODY), homes: here.length, ...(exporters ? { exporters } : {}) }] as const;
  });
  return new Map(composed);
}

/** Energy of 12 months by leaf, Wh. */
type ByLeaf = ReadonlyMap<string, number>;

function customersOf(
  places: readonly Place[],
): { readonly class: Customer['class']; readonly takenWh: ByLeaf; readonly fedInWh: ByLeaf }[] {
  const points = places.flatMap(({ leaf, customer }) => (customer ? [{ leaf, customer }] : []));
  return [...Map.groupBy(points, ({ customer }) => customer.subject).values()].map((own) => {
    const [takenWh, fedInWh] = [new Map<string, number>(), new Map<string, number>()];
    for (const { leaf, customer } of own) {
      const { annualWh, exportWh = 0 } = customer;
      takenWh.set(leaf, (takenWh.get(leaf) ?? 0) + annualWh);
      if (exportWh !== 0) fedInWh.set(leaf, (fedInWh.get(leaf) ?? 0) + exportWh);
    }
    return { class: own.some(({ customer }) => customer.class !== 'residential') ? 'commercial' : 'residential', takenWh, fedInWh };
  });
}

/** How the leaves are made up of customers who have energy in them. */
function byLeaf(customers: readonly { readonly class: Customer['class']; readonly energyWh: ByLeaf }[]): ReadonlyMap<string, Composition> {
  const leaves = new Map<string, Composition>();
  for (const { class: kind, energyWh } of customers) {
    const whole = compositionOf([{ class: kind, annualWh: [...energyWh.values()].reduce((sum, one) => sum + one, 0) }]);
    const elsewhere = { ...NOBODY, largestWh: whole.largestWh, ...(whole.others > 0 ? { othersElsewhere: 1 } : {}) };
    for (const [i, leaf] of [...energyWh.keys()].sort().entries()) {
      const here = { ...(i === 0 ? whole : elsewhere), totalWh: energyWh.get(leaf)! };
      leaves.set(leaf, together([leaves.get(leaf) ?? NOBODY, here]));
    }
  }
  return leaves;
}

/** Leaves with their neighbours: those before and behind in the order of their names, as the area tree is numbered along the grid. */
export function leavesInOrder(compositions: ReadonlyMap<string, LeafComposition>): readonly Leaf[] {
  const ids = [...compositions.keys()].sort();
  return ids.map((id, i) => {
    const { exporters, ...composition } = compositions.get(id)!;
    return { id, composition, ...(exporters === undefined ? {} : { exporters }), neighbours: i === 0 ? [] : [ids[i - 1]!] };
  });
}

/**
 * Keeps what a quarter begins with, once. While no area passes the gate nothing is kept: a town that is still being enrolled
 * would have to wait for the next quarter.
 * @param now UTC ms @returns whether it is kept
 */
export async function keepCompositions(
  table: ReadTable,
  now: number,
  compositions: ReadonlyMap<string, LeafComposition>,
  gate: DisclosureGate,
): Promise<boolean> {
  const quarter = quarterAt(now);
  if (partitionOf({ quarter, leaves: leavesInOrder(compositions) }, gate).areas.length === 0) return false;
  const items = [...compositions].map(
    ([leaf, value]): NewItem => ({ partition: quarter, sort: leaf, upTo: UP_TO, value: KIND.write(value) }),
  );
  await table.put(items);
  await table.put([{ partition: COMPOSED, sort: quarter, upTo: UP_TO, value: Buffer.alloc(0) }]);
  return true;
}

/** Undefined until all of the quarter are there. */
export async function readCompositions(table: ReadTable, quarter: string): Promise<ReadonlyMap<string, LeafComposition> | undefined> {
  if (!(await isComposed(table, quarter))) return undefined;
  const found = new Map<string, LeafComposition>();
  for await (const { sort, value } of table.query(quarter, '')) found.set(sort, KIND.read(value));
  return found;
}

export async function isComposed(table: ReadTable, quarter: string): Promise<boolean> {
  const [marker] = await table.getMany([{ partition: COMPOSED, sort: quarter }]);
  return marker !== undefined;
}
