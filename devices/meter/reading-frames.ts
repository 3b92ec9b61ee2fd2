import { FLAG, type ReadingPlain } from '../../protocol/plaintext.ts';
import { HEAD_BYTES } from '../../protocol/profile.ts';
import type { ChannelProfile } from './channel-profile.ts';
import type { Span } from './slots.ts';

/** Slots of one reading frame: consecutive, their number one of 1, 4, 24, 96. */
export interface Cut extends Span {
  readonly count: number;
}

const COUNTS = [96, 24, 4, 1] as const;

/**
 * Cuts a span of the profile into frames, oldest first, none longer than `longest`. A frame's flags hold for all its
 * slots, and at most one slot in it lacks a value although the register moved: so every record of the chain can be
 * rebuilt from frames. Where to cut never depends on how much was used.
 */
export function* cut(ring: ChannelProfile, span: Span, intervalSeconds: number, longest: number): IterableIterator<Cut> {
  for (let from = Math.max(span.from, ring.firstEnd); from <= Math.min(span.to, ring.lastEnd); ) {
    const alike = alikeSlots(ring, from, Math.min(span.to, ring.lastEnd), intervalSeconds, longest);
    const count = COUNTS.find((size) => size <= alike)!;
    yield { from, to: from + (count - 1) * intervalSeconds, count };
    from += count * intervalSeconds;
  }
}

function alikeSlots(ring: ChannelProfile, from: number, to: number, intervalSeconds: number, longest: number): number {
  const flags = ring.slot(from)?.flags;
  let moved = 0;
  let count = 0;
  for (let at = from; at <= to && count < longest; at += intervalSeconds) {
    const slot = ring.slot(at);
    if (slot === undefined || slot.flags !== flags) break;
    if (slot.value === null && slot.advance !== 0) moved += 1;
    if (moved > 1) break;
    count += 1;
  }
  return Math.max(count, 1);
}

/** What a reading frame says. @param head of the chain after the last hour complete at the cut's end */
export function readingOf(
  ring: ChannelProfile,
  place: { readonly channel: number; readonly minutes: number; readonly resent: boolean },
  part: Cut,
  head: Buffer,
): ReadingPlain {
  const deltas: (number | null)[] = [];
  for (let at = part.from; at <= part.to; at += place.minutes * 60) deltas.push(ring.slot(at)?.value ?? null);
  const flags = (ring.slot(part.to)?.flags ?? 0) | (place.resent ? FLAG.resent : 0);
  return {
    kind: 'reading',
    flags,
    channel: place.channel,
    end: part.to,
    minutes: place.minutes,
    register: ring.registerAt(part.to),
    head: head.subarray(0, HEAD_BYTES),
    deltas,
  };
}
