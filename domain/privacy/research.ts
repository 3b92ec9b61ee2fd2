import { type Composition, customersIn, together } from './gate.ts';
import type { Area } from './partition.ts';
import { RESEARCH_STEPS } from './policy.ts';

/** Areas that are told as one at a step. */
export interface ResearchBlock {
  readonly id: string;
  readonly areas: readonly string[];
  readonly composition: Composition;
}

/** What is told at one step; a block of a finer step is made of whole blocks of every coarser one. */
export interface ResearchLevel {
  readonly stepMinutes: number;
  readonly blocks: readonly ResearchBlock[];
}

/**
 * Which areas are added up for which step, coarsest first. Within a step the blocks have no area in common, and each has as many
 * customers as the step takes: else two blocks that differ by one area would tell that area at a step it is too small for.
 * @param steps as RESEARCH_STEPS, finest first
 */
export function researchLevels(areas: readonly Area[], steps: typeof RESEARCH_STEPS = RESEARCH_STEPS): readonly ResearchLevel[] {
  const sorted = [...areas].sort((a, b) => (a.id < b.id ? -1 : 1));
  let blocks: readonly ResearchBlock[] = sorted.map(({ id, composition }) => ({ id, areas: [id], composition }));
  return [...steps].reverse().map(({ minutes, customers }) => {
    blocks = joined(blocks, customers);
    return { stepMinutes: minutes, blocks };
  });
}

/** Neighbours in the list, until each has enough; what is left over at the end goes to the last. */
function joined(blocks: readonly ResearchBlock[], customers: number): readonly ResearchBlock[] {
  const groups: ResearchBlock[][] = [];
  let open: ResearchBlock[] = [];
  let count = 0;
  for (const block of blocks) {
    open.push(block);
    count += customersIn(block.composition);
    if (count < customers) continue;
    groups.push(open);
    open = [];
    count = 0;
  }
  groups.at(-1)?.push(...open);
  return groups.map(asOne);
}

function asOne(blocks: readonly ResearchBlock[]): ResearchBlock {
  const areas = blocks.flatMap((block) => block.areas);
  const composition = together(blocks.map((block) => block.composition));
  return { id: blocks.map(({ id }) => id).join(','), areas, composition };
}
