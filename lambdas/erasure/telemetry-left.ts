import type { Platform } from '../../platform/ports/platform.ts';
import { membershipsOf } from '../project/usage-pages.ts';

/** Two writers may seal under the old row and the new one for so long. */
const OVERLAP_MS = 86_400_000;

/**
 * Whether some segment that had the meters still has a commit that may be from before an instant: one under a row that was made before it.
 * The names of the rows say so; nothing is opened. @param instant UTC ms
 */
export async function isTelemetryLeft(platform: Platform, meters: Iterable<string>, instant: number): Promise<boolean> {
  const segments = new Set<string>();
  for (const meterId of meters) for (const { segment } of await membershipsOf(platform, meterId)) segments.add(segment);
  for (const segment of segments)
    for (const row of await platform.events.rowsOf(`segment/${segment}`)) if (Number(row.slice(-13)) < instant - OVERLAP_MS) return true;
  return false;
}
