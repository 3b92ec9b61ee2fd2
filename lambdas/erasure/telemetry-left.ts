import type { Platform } from '../../platform/ports/platform.ts';
import { readCursor } from '../close-day/cursor.ts';
import { membershipsOf } from '../project/usage-pages.ts';

/** Two writers may seal under the old row and the new one for so long. */
const OVERLAP_MS = 86_400_000;
/** Values of so many newest slots stay in a segment's state (docs/adr/0012). */
const KEPT_SLOTS = 96;
const SEEN_SILENT = 'erasure-silent/';

export interface ErasedMeters {
  readonly account: string;
  readonly meters: Iterable<string>;
  /** End of the last tenancy, UTC ms. */
  readonly tenancyEnd: number;
  /** When the keys of the days were destroyed, UTC ms: everything had come by then. */
  readonly since: number;
}

/**
 * What is left of the telemetry of somebody who was erased. `silent`: a meter has not spoken since, so its segment's state, and every new
 * checkpoint of it, still has its last values. `telemetry`: a segment has commits under a row that is as old as that. The names of rows and
 * the ends of readings say so; nothing is opened.
 */
export async function telemetryLeft(platform: Platform, erased: ErasedMeters): Promise<'silent' | 'telemetry' | undefined> {
  const { account, meters, tenancyEnd, since } = erased;
  const { directory, events, clock } = platform;
  const segments = new Set<string>();
  const ids = [...meters];
  for (const meterId of ids) for (const { segment } of await membershipsOf(platform, meterId)) segments.add(segment);
  for (const segment of segments) {
    const { roster, readTo } = await readCursor(platform, segment);
    // Nothing of it was closed yet, or not since a restore: nobody knows who spoke last when.
    if (readTo < 0) return 'telemetry';
    const isHeld = ids.some((meterId) => {
      const member = roster.members[roster.numberOf(meterId) ?? -1];
      if (member === undefined || member.until !== undefined || member.lastEnd === 0) return false;
      return member.lastEnd * 1_000 < tenancyEnd + KEPT_SLOTS * member.asset.intervalMinutes * 60_000;
    });
    if (!isHeld) continue;
    await directory.put([{ key: SEEN_SILENT + account, value: Buffer.from(String(clock.now())) }]);
    return 'silent';
  }
  const seen = Number((await directory.get(SEEN_SILENT + account))?.toString() ?? 0);
  const instant = Math.max(since, seen === 0 ? 0 : seen + OVERLAP_MS);
  for (const segment of segments)
    for (const row of await events.rowsOf(`segment/${segment}`)) if (Number(row.slice(-13)) < instant - OVERLAP_MS) return 'telemetry';
  return undefined;
}
