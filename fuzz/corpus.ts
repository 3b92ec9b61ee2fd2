import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, 'corpus');
/** What is kept in the tree: small, and no more than a person would look through. */
const KEPT_BYTES = 1_024;
const KEPT_INPUTS = 24;

/** Inputs of a target that are kept in the tree, in the order of their names. */
export function corpusOf(target: string): readonly Buffer[] {
  const folder = join(FOLDER, target);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.bin'))
    .sort()
    .map((name) => readFileSync(join(folder, name)));
}

/** Puts short inputs of a corpus into the tree until there are enough. @returns how many are new */
export function keep(target: string, corpus: readonly Buffer[]): number {
  const folder = join(FOLDER, target);
  mkdirSync(folder, { recursive: true });
  const known = new Set(readdirSync(folder));
  const short = corpus.filter(({ length }) => length <= KEPT_BYTES);
  // Found late is found by many steps: these are the ones that cost time to find again.
  const fresh = short.map((input) => ({ name: `${hashOf(input)}.bin`, input })).filter(({ name }) => !known.has(name));
  const chosen = fresh.reverse().slice(0, Math.max(0, KEPT_INPUTS - known.size));
  for (const { name, input } of chosen) writeFileSync(join(folder, name), input);
  return chosen.length;
}

export function hashOf(input: Uint8Array): string {
  return createHash('sha256').update(input).digest('hex').slice(0, 16);
}
