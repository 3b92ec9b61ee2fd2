import type { ProfileStore } from './profile-store.ts';
import { type Cut, cut } from './reading-frames.ts';

interface ChannelSpan {
  readonly channel: number;
  /** Interval ends, UTC seconds, both inclusive. */
  readonly from: number;
  readonly to: number;
}

const DAY_SECONDS = 86_400;
const MOST_SPANS = 256;
/** Frames that one daily look for unanswered slots may ask for. */
const SWEEP_FRAMES = 48;
const LONGEST_FRAME = 96;
/** Held slots are left alone for so long. */
const HELD_SECONDS = DAY_SECONDS;

/** Spans of the profile that are to be sealed once more: what the MDMS asks for, and what stayed unanswered. */
export class ResendQueue {
  readonly #profile: ProfileStore;
  #spans: ChannelSpan[] = [];

  constructor(profile: ProfileStore) {
    this.#profile = profile;
  }

  /**
   * Adds spans; what overlaps or touches becomes one. Held slots stay out for 24 h. A span over the end of a day asks
   * for that day's seal too. @param now UTC seconds
   */
  ask(spans: readonly ChannelSpan[], now: number): void {
    const known = spans.flatMap(({ channel, ...span }) => {
      const parts = this.#profile.channels[channel]?.resendable(span, now - HELD_SECONDS) ?? [];
      return parts.map((part) => ({ channel, ...part }));
    });
    const merged: { channel: number; from: number; to: number }[] = [];
    for (const { channel, from, to } of [...this.#spans, ...known].sort((a, b) => a.channel - b.channel || a.from - b.from)) {
      const open = merged.at(-1);
      const touches = open?.channel === channel && from <= open.to + this.#profile.intervalSeconds;
      if (open !== undefined && touches) open.to = Math.max(open.to, to);
      else merged.push({ channel, from, to });
    }
    this.#spans = merged.slice(0, MOST_SPANS);
    for (const seal of this.#profile.seals) if (spans.some(({ from, to }) => from <= seal.dayEnd && seal.dayEnd <= to)) seal.due = true;
  }

  /**
   * Once a day: slots sent more than `after` seconds ago and never answered, but for held ones; not older than the
   * MDMS takes. @param now UTC seconds @param oldest UTC seconds
   */
  sweep(now: number, after: number, oldest: number): void {
    const found: ChannelSpan[] = [];
    for (const [channel, ring] of this.#profile.channels.entries()) {
      for (const span of ring.unanswered(oldest, now - after, now - HELD_SECONDS)) {
        for (const part of cut(ring, span, this.#profile.intervalSeconds, LONGEST_FRAME)) {
          if (found.length < SWEEP_FRAMES) found.push({ channel, from: part.from, to: part.to });
        }
      }
    }
    this.ask(found, now);
  }

  /** Takes the next frame's worth. @param now UTC seconds */
  next(now: number): { readonly channel: number; readonly part: Cut } | undefined {
    const span = this.#spans[0];
    if (span === undefined) return undefined;
    const step = this.#profile.intervalSeconds;
    const ring = this.#profile.channels[span.channel]!;
    const part = cut(ring, span, step, LONGEST_FRAME).next().value as Cut | undefined;
    if (part === undefined || part.to >= span.to) this.#spans.shift();
    else this.#spans[0] = { ...span, from: part.to + step };
    if (part === undefined) return this.next(now);
    for (let at = part.from; at <= part.to; at += step) ring.holdAgain(at, now);
    return { channel: span.channel, part };
  }
}
