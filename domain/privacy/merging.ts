import { customersIn, type DisclosureGate, NOBODY, together } from './gate.ts';
import type { Area, Leaf } from './partition.ts';

interface Group extends Area {
  /** Leaves next to it. */
  readonly beside: ReadonlySet<string>;
}

/** Groups of leaves, each of which passes the gate or has no neighbour, in the order of their ids. */
export function mergeLeaves(leaves: readonly Leaf[], gate: DisclosureGate): readonly Area[] {
  const groupOf = new Map<string, Group>();
  for (const group of alone(leaves)) groupOf.set(group.id, group);
  for (;;) {
    const pair = nextPair(new Set(groupOf.values()), groupOf, gate);
    if (pair === undefined) break;
    const merged = merge(...pair);
    for (const leaf of merged.leaves) groupOf.set(leaf, merged);
  }
  const groups = [...new Set(groupOf.values())].sort(byId);
  return groups.map(({ beside: _, ...area }) => area);
}

function alone(leaves: readonly Leaf[]): Group[] {
  const beside = new Map(leaves.map(({ id }) => [id, new Set<string>()]));
  for (const { id, neighbours } of leaves) {
    for (const other of neighbours) {
      if (other === id) continue;
      beside.get(id)!.add(other);
      beside.get(other)!.add(id);
    }
  }
  return leaves.map(({ id, composition, exporters }) => {
    return { id, leaves: [id], composition, ...(exporters === undefined ? {} : { exporters }), beside: beside.get(id)! };
  });
}

/** The smallest group that fails and has neighbours, and the smallest of these. */
function nextPair(groups: Iterable<Group>, groupOf: ReadonlyMap<string, Group>, gate: DisclosureGate): [Group, Group] | undefined {
  let least: Group | undefined;
  for (const group of groups) {
    if (group.beside.size === 0 || gate.passes(group.composition)) continue;
    if (least === undefined || bySize(group, least) < 0) least = group;
  }
  if (least === undefined) return undefined;
  const neighbours = [...new Set([...least.beside].map((leaf) => groupOf.get(leaf)!))];
  return [least, neighbours.reduce((best, other) => (bySize(other, best) < 0 ? other : best))];
}

function merge(first: Group, second: Group): Group {
  const leaves = [...first.leaves, ...second.leaves].sort();
  const beside = first.beside.union(second.beside).difference(new Set(leaves));
  const composition = together([first.composition, second.composition]);
  const exporters = together([first.exporters ?? NOBODY, second.exporters ?? NOBODY]);
  return { id: leaves.join('+'), leaves, composition, exporters, beside };
}

function bySize(a: Group, b: Group): number {
  return customersIn(a.composition) - customersIn(b.composition) || byId(a, b);
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : Number(a.id > b.id);
}
