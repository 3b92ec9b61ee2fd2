import { type DisclosureGate, together } from './gate.ts';
import type { Area, Leaf } from './partition.ts';

/** An area made of leaves, such as a town. */
export interface Parent {
  readonly id: string;
  readonly leaves: readonly string[];
}

/**
 * Whether a parent is told beside its areas. Who subtracts these from it has the rest, so the rest must pass the gate too.
 * `cuts-an-area`: it has part of a merged area. `rest-below-gate`: what is left over is too small.
 */
export interface ParentVerdict {
  readonly id: string;
  readonly published: boolean;
  readonly why?: 'cuts-an-area' | 'rest-below-gate';
  /** Of what it is the sum, when published: areas, and rests as areas of their own. */
  readonly atoms: readonly Area[];
}

/** The smallest parent first, so that what one leaves over is known to the next that has it too. */
export function judgeParents(
  areas: readonly Area[],
  lost: readonly Leaf[],
  parents: readonly Parent[],
  gate: DisclosureGate,
): readonly ParentVerdict[] {
  const rests: Area[] = [];
  const inOrder = [...parents].sort((a, b) => a.leaves.length - b.leaves.length || (a.id < b.id ? -1 : 1));
  return inOrder.map(({ id, leaves }) => {
    const has = new Set(leaves);
    const whole = [...areas, ...rests].filter((atom) => atom.leaves.some((leaf) => has.has(leaf)));
    if (whole.some((atom) => !atom.leaves.every((leaf) => has.has(leaf)))) return { id, published: false, why: 'cuts-an-area', atoms: [] };
    const told = new Set(whole.flatMap((atom) => atom.leaves));
    const left = lost.filter((leaf) => has.has(leaf.id) && !told.has(leaf.id));
    if (left.length === 0) return { id, published: true, atoms: whole };
    const rest = restOf(left);
    if (!gate.passes(rest.composition)) return { id, published: false, why: 'rest-below-gate', atoms: [] };
    rests.push(rest);
    return { id, published: true, atoms: [...whole, rest] };
  });
}

function restOf(leaves: readonly Leaf[]): Area {
  const ids = leaves.map(({ id }) => id).sort();
  return { id: ids.join('+'), leaves: ids, composition: together(leaves.map(({ composition }) => composition)) };
}
