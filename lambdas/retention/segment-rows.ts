import type { Platform } from '../../platform/ports/platform.ts';
import { keptFrom } from '../shared/retained/kept-commits.ts';

/** Two writers may seal under the old row and the new one for so long. */
const OVERLAP_MS = 86_400_000;

/**
 * Destroys the keys of a segment that seal nothing any more: those that a newer key had replaced, for good, before the first commit
 * that is left was recorded. With them goes what backups and disks still hold of the deleted commits.
 * @returns ids of the rows
 */
export async function destroyDeadRows(platform: Platform, segment: string): Promise<readonly string[]> {
  const stream = `segment/${segment}`;
  const rows = await platform.keys.list(`${stream}/`);
  if (rows.length < 2) return [];
  const first = await firstKept(platform, stream);
  if (first === undefined) return [];
  const dead = rows.filter((_, i) => i + 1 < rows.length && first > rows[i + 1]!.createdAt + OVERLAP_MS);
  for (const { id } of dead) await platform.keys.destroy(id);
  return dead.map(({ id }) => id);
}

/** When the first commit that is left was recorded, UTC ms. */
async function firstKept({ events }: Platform, stream: string): Promise<number | undefined> {
  for await (const { recordedAt } of events.read(stream, await keptFrom(events, stream))) return recordedAt;
  return undefined;
}
