import { type AssetRecord, HELD_REASONS } from '../../events/index.ts';
import type { OpenedFrame } from './opened-frame.ts';

/** Frames a meter may seal under one epoch. */
export const MESSAGE_LIMIT = 65_536;
/** An interval may end so much after the broker's time, and so much before it. */
export const FUTURE_MS = 10 * 60_000;
export const OLDEST_MS = 45 * 86_400_000;

const BELOW_WINDOW = HELD_REASONS.indexOf('below-window');

/**
 * Whether a frame that was set aside delivers readings all the same. Only one below the window does: it is authentic, it came by the
 * right way, and the window merely can't tell whether it was here before; slots count once whatever frames bring them. Any other
 * reason is about the frame itself, and a person's to decide. @param reason index into HELD_REASONS
 */
export function isReleased(reason: number): boolean {
  return reason === BELOW_WINDOW;
}

/**
 * Whether the slots of a frame count: on the grid of an enrolled channel. An accepted frame passed the rules of intervals and counters
 * when it came; a released one was set aside before they were asked, and is asked here. @param brokerTime UTC ms
 */
export function countsSlots(frame: OpenedFrame, asset: AssetRecord, brokerTime: number, released: boolean): boolean {
  const { count, channel, minutes, end, counter } = frame;
  if (count === 0 || channel >= asset.channels.length) return false;
  if (minutes !== asset.intervalMinutes || end % (minutes * 60) !== 0) return false;
  if (!released) return true;
  return counter <= MESSAGE_LIMIT && end * 1000 <= brokerTime + FUTURE_MS && end * 1000 >= brokerTime - OLDEST_MS;
}

/** Where and how a value of a slot came. Within one home the stream says which was first. */
export interface Claim {
  readonly released: boolean;
  /** When the meter came to the segment that recorded it, UTC ms. */
  readonly since: number;
  readonly segment: string;
}

/**
 * Of two authentic values of one slot, whether `a` is the reading and not `b`, which came before it as far as the asker knows. What was
 * accepted stands before what was released; then the first recorded one: a meter has one home at a time, so the earlier home's. The
 * same in whatever order streams are read, and what SlotConflict calls the first. A slot without a value claims nothing.
 */
export function standsBefore(a: Claim, b: Claim): boolean {
  if (a.released !== b.released) return b.released;
  if (a.since !== b.since) return a.since < b.since;
  return a.segment < b.segment;
}
