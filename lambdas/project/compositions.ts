import { quarterAt } from '../../domain/demand/quarter.ts';
import { type Composition, type Customer, compositionOf, type DisclosureGate } from '../../domain/privacy/gate.ts';
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

/** By leaf. A customer who has several usage points in a leaf is one. */
export function composeLeaves(places: readonly Place[]): ReadonlyMap<string, LeafComposition> {
  const composed = [...Map.groupBy(places, ({ leaf }) => leaf)].map(([leaf, here]) => {
    const customers = here.flatMap(({ customer }) => customer ?? []);
    const takers = compositionOf(perSubject(customers, ({ annualWh }) => annualWh));
    const feeding = perSubject(customers, ({ exportWh = 0 }) => exportWh).filter(({ annualWh }) => annualWh > 0);
    const exporters = { ...compositionOf(feeding), homes: here.filter(({ tellsExport }) => tellsExport).length };
    return [leaf, { ...takers, homes: here.length, ...(feeding.length > 0 ? { exporters } : {}) }] as const;
  });
  return new Map(composed);
}

function perSubject(customers: readonly PlaceCustomer[], energyOf: (customer: PlaceCustomer) => number): Customer[] {
  return [...Map.groupBy(customers, ({ subject }) => subject).values()].map((own) => ({
    class: own.some((one) => one.class !== 'residential') ? ('commercial' as const) : ('residential' as const),
    annualWh: own.reduce((sum, one) => sum + energyOf(one), 0),
  }));
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
