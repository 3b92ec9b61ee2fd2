import { JoulekeepError } from '../../events/errors.ts';
import { GRANTS } from '../../topology/grants.ts';
import type { Principal } from '../../topology/principals.ts';
import type { ReadTable, Rebuild } from '../ports/read-models.ts';

/** Generations of read models, whatever they lie in. */
export interface Generations {
  /** A number that no generation of the table had before. Only the one made last can be used. */
  make(name: string): Promise<number>;
  /** Items of generations before it go. @throws ERR_REBUILD_ABANDONED */
  use(name: string, generation: number): Promise<void>;
  /** Removes what no generation in use or in the making holds. @returns whether all of it is gone */
  sweep(name: string, isOver?: () => boolean): Promise<boolean>;
}

/** An empty generation beside the one in use; whatever was being made before is abandoned. @param tableOf a generation, as a table */
export async function beginRebuild(generations: Generations, name: string, tableOf: (generation: number) => ReadTable): Promise<Rebuild> {
  const begin = async () => {
    const generation = await generations.make(name);
    await generations.sweep(name);
    return generation;
  };
  const generation = await begin();
  return {
    table: tableOf(generation),
    switch: () => generations.use(name, generation),
    abandon: async () => void (await begin()),
  };
}

/** Whoever writes tables goes on with those that are being filled. */
export function makesModels(principal: string): boolean {
  return Object.hasOwn(GRANTS, principal) && GRANTS[principal as Principal].models.includes('write');
}

/** What a reader is told of a table that is not whole yet. */
export function notWhole(name: string): JoulekeepError {
  return new JoulekeepError('ERR_MODEL_UNAVAILABLE', `${name}: is being made anew, what was there was taken back`, { retryable: true });
}
