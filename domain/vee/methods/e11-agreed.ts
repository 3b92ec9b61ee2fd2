import { SLOT_SOURCES } from '../../../events/index.ts';
import type { ChannelDay } from '../channel-day.ts';
import { confidenceOf } from '../confidence.ts';

const E11 = SLOT_SOURCES.indexOf('E11');

/**
 * E11: a value that a person entered or agreed with the customer; who, why, and whether a second person was needed stands in the edit.
 * @param counts whole @returns whether the slot took it: not when the fuse forbids it
 */
export function agreeOn(day: ChannelDay, slot: number, counts: number): boolean {
  if (!Number.isInteger(counts) || counts < 0 || counts > day.capacity) return false;
  day.counts[slot] = counts;
  day.sources[slot] = E11;
  day.confidence[slot] = confidenceOf('E11', false, day.minutes);
  return true;
}
