import type { Platform } from '../../platform/ports/platform.ts';
import type { Item, ItemKey, ReadTable } from '../../platform/ports/read-models.ts';
import { DAY_SUMMARIES } from '../project/day-summaries.ts';
import { DAY_USAGE, usagePartition } from '../project/day-usage.ts';
import { isSealedFromReader } from '../shared/days/day-streams.ts';

/**
 * Takes out of the read models what nobody can open any more at these usage points: rows of days of the erased. Others' rows stay sealed from
 * whoever does it. What other tables have of a home is no value of anybody's (exceptions, counts) or dies with the segment's key (today).
 * @returns rows taken out
 */
export async function clearModels({ models }: Pick<Platform, 'models'>, account: string, points: readonly string[]): Promise<number> {
  let cleared = 0;
  for (const point of points) {
    cleared += await clear(models.table(DAY_USAGE), usagePartition({ usagePoint: point, subject: account }));
    cleared += await clear(models.table(DAY_SUMMARIES), point);
  }
  return cleared;
}

async function clear(table: ReadTable, partition: string): Promise<number> {
  const keys = await Array.fromAsync(table.keys(partition, ''));
  let cleared = 0;
  for (const key of keys) {
    const item = await erasedItem(table, key);
    if (item === undefined) continue;
    await table.put([{ ...key, upTo: item.upTo, value: undefined }]);
    cleared++;
  }
  return cleared;
}

async function erasedItem(table: ReadTable, key: ItemKey): Promise<Item | undefined> {
  try {
    const [item] = await table.getMany([key]);
    return item?.erased ? item : undefined;
  } catch (error) {
    if (isSealedFromReader(error)) return undefined;
    throw error;
  }
}
