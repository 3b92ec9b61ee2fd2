import { globSync } from 'node:fs';
import { MUTATION_AREAS, type MutationArea } from './areas.ts';

/** What is mutated at once: an area, or something in it. */
export interface MutationPart {
  readonly area: MutationArea;
  /** Globs. */
  readonly files: readonly string[];
  /** Only of a whole area is there a score. */
  readonly isWhole: boolean;
}

/**
 * @param root of the project @param only areas, and folders and files in them; none = every area
 * @throws Error on what lies in no area, or has no code
 */
export function partsOf(root: string, only: readonly string[]): MutationPart[] {
  const names = only.map((name) => name.replace(/\/$/, ''));
  const lost = names.find((name) => !MUTATION_AREAS.some(({ folder }) => `${name}/`.startsWith(`${folder}/`)));
  if (lost !== undefined) throw new Error(`nothing is mutated in ${lost}`);
  const parts = MUTATION_AREAS.map((area) => partOf(area, only.length === 0 ? [area.folder] : names)).filter(
    ({ files }) => files.length > 0,
  );
  const empty = parts.flatMap(({ files }) => files).find((glob) => globSync(glob, { cwd: root }).length === 0);
  if (empty !== undefined) throw new Error(`no code is ${empty}`);
  return parts;
}

function partOf(area: MutationArea, names: readonly string[]): MutationPart {
  const { folder } = area;
  if (names.includes(folder)) return { area, files: [`${folder}/**/*.ts`], isWhole: true };
  const inside = names.filter((name) => name.startsWith(`${folder}/`));
  return { area, files: inside.map((name) => (name.endsWith('.ts') ? name : `${name}/**/*.ts`)), isWhole: false };
}
