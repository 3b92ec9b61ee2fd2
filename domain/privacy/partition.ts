import { JoulekeepError } from '../../events/index.ts';
import { type Composition, type Customer, compositionOf, type DisclosureGate } from './gate.ts';
import { mergeLeaves } from './merging.ts';
import { judgeParents, type Parent, type ParentVerdict } from './parents.ts';

/** The smallest areas there are: what a home is assigned to. */
export interface Leaf {
  readonly id: string;
  /** Who is in it when the partition is made. */
  readonly composition: Composition;
  /** Those of them who feed in, by what they do; absent = nobody. */
  readonly exporters?: Composition;
  /** Leaves it may be merged with; told by either of two is enough. */
  readonly neighbours: readonly string[];
}

/** What is published as one: a leaf, or leaves merged. */
export interface Area {
  /** Ids of its leaves in their order, joined by `+`. */
  readonly id: string;
  readonly leaves: readonly string[];
  readonly composition: Composition;
  /** Customers who feed in, a class of their own: 12 months of what they feed in, not of what they take; absent = nobody. */
  readonly exporters?: Composition;
}

/** Fixed for a quarter. Every leaf is in one area or suppressed. */
export interface Partition {
  /** `yyyy-Qn`. */
  readonly quarter: string;
  /** They pass the gate, in the order of their ids. */
  readonly areas: readonly Area[];
  /** Leaves below the gate with no neighbour left: nothing is told of them alone. */
  readonly suppressed: readonly string[];
  readonly parents: readonly ParentVerdict[];
}

export interface PartitionInput {
  readonly quarter: string;
  readonly leaves: readonly Leaf[];
  /** Larger areas to be told as well. */
  readonly parents?: readonly Parent[];
}

/**
 * Leaves below the gate are merged with a neighbour, the smallest first and with its smallest neighbour, until all that are left
 * pass or have none. The same input gives the same partition in whatever order it comes.
 * @throws ERR_PARTITION_LEAVES for a leaf that is there twice, a neighbour or a parent's leaf that is not there
 * @source X.1332 9.4, 10.4
 */
export function partitionOf({ quarter, leaves, parents = [] }: PartitionInput, gate: DisclosureGate): Partition {
  checkLeaves(leaves, parents);
  const groups = mergeLeaves(leaves, gate);
  const areas = groups.filter(({ composition }) => gate.passes(composition));
  const suppressed = groups.filter((group) => !areas.includes(group)).flatMap((group) => group.leaves);
  const lost = leaves.filter(({ id }) => suppressed.includes(id));
  return { quarter, areas, suppressed: suppressed.sort(), parents: judgeParents(areas, lost, parents, gate) };
}

/** Leaves made of customers, each of whom names one. @param neighbours by leaf @throws ERR_ANNUAL_ENERGY */
export function leavesOf(
  customers: Iterable<Customer & { readonly leaf: string }>,
  neighbours: ReadonlyMap<string, readonly string[]> = new Map(),
): readonly Leaf[] {
  const byLeaf = Map.groupBy(customers, ({ leaf }) => leaf);
  const ids = [...new Set([...byLeaf.keys(), ...neighbours.keys()])].sort();
  return ids.map((id) => ({ id, composition: compositionOf(byLeaf.get(id) ?? []), neighbours: neighbours.get(id) ?? [] }));
}

function checkLeaves(leaves: readonly Leaf[], parents: readonly Parent[]): void {
  const ids = new Set(leaves.map(({ id }) => id));
  const broken = (what: string) => new JoulekeepError('ERR_PARTITION_LEAVES', what);
  if (ids.size !== leaves.length) throw broken('a leaf is there twice');
  const named = [...leaves.flatMap(({ neighbours }) => neighbours), ...parents.flatMap((parent) => parent.leaves)];
  const missing = named.find((id) => !ids.has(id));
  if (missing !== undefined) throw broken(`no leaf ${missing}`);
  const joined = leaves.find(({ id }) => id === '' || id.includes('+'));
  if (joined !== undefined) throw broken(`a leaf cannot be called '${joined.id}'`);
}
