import { NO_COUNTS } from '../../events/index.ts';
import type { ChannelDay } from './channel-day.ts';

/** One look over the columns before the rules: `day.seen`. */
export function survey(day: ChannelDay): void {
  const { n, counts, seen, words } = day;
  let missing = 0;
  let zeros = 0;
  let least = NO_COUNTS;
  let most = -1;
  for (let i = 0; i < n; i++) {
    const x = counts[i]!;
    if (x === NO_COUNTS) missing++;
    else {
      if (x === 0) zeros++;
      if (x < least) least = x;
      if (x > most) most = x;
    }
  }
  seen.missing = missing;
  seen.zeros = zeros;
  seen.least = least;
  seen.most = most;
  seen.annotations = anyBit(day.annotations, n);
  const length = (n + 3) >> 2;
  seen.flags = ofAnyByte(anyBit(words.flags, length));
  seen.conflicts = ofAnyByte(anyBit(words.conflicts, length));
  seen.outage = ofAnyByte(anyBit(words.outage, length));
  seen.newRegisters = ofAnyByte(anyBit(words.newRegister, length));
}

function anyBit(column: Uint32Array, length: number): number {
  let bits = 0;
  for (let i = 0; i < length; i++) bits |= column[i]!;
  return bits;
}

function ofAnyByte(word: number): number {
  return (word | (word >>> 8) | (word >>> 16) | (word >>> 24)) & 0xff;
}
