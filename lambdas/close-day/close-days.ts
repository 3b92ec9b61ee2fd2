import { codeOf } from '../../events/errors.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { closeSegment, type Progress } from './close-segment.ts';
import { Closer } from './closer.ts';
import { recloseDays } from './reclose.ts';
import { addTally, type Tally, zeroTally } from './tally.ts';

const SEGMENT = 'segment/';

export interface ClosedDays extends Tally {
  /** Segments that could not be closed; the next run tries again. */
  readonly failed: number;
}

/**
 * Closes whatever is due in every segment, and again what a corrected tenancy divided. A segment that fails is logged and left to the next run, the others are closed.
 * @param closer keeps meters' keys from run to run
 */
export async function closeDays(
  platform: Platform,
  defences: Defences,
  closer = new Closer(platform, defences),
  onProgress?: (progress: Progress) => void,
): Promise<ClosedDays> {
  const total = zeroTally();
  let failed = 0;
  for await (const stream of platform.events.streams(SEGMENT)) {
    try {
      addTally(total, await closeSegment(platform, stream.slice(SEGMENT.length), closer, onProgress));
    } catch (error) {
      failed++;
      platform.log.error('segment not closed', { stream, code: codeOf(error) });
    }
  }
  await recloseDays(platform, closer, total);
  return { ...total, failed };
}
