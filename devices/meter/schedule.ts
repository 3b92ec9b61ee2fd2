import { EVENT_CODE, encodePlaintext, type Plaintext } from '../../protocol/plaintext.ts';
import type { DayBook } from './day-book.ts';
import type { EpochPlace, Keyring } from './keyring.ts';
import type { LoggedEvent, ProfileStore } from './profile-store.ts';
import { cut, readingOf } from './reading-frames.ts';
import type { ResendQueue } from './resend-queue.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Frames of one channel, resends, and events and seals that one scheduled slot takes at most. */
const SLOT_LIMIT = { readings: 8, resends: 16, events: 8, seals: 4 } as const;
const EVENT_LOG = 64;
const OFFSET_SPREAD_MS = 120_000;
const LAST_GASPS = 3;
/** Intervals older than this are not sent unasked: the MDMS would only set them aside. */
const OLDEST_DAYS = 45;

/** What a quality frame says of the last interval. */
export interface GridQuality {
  /** Tenths of a volt. */
  readonly voltageMin: number;
  readonly voltageMax: number;
  readonly voltageMean: number;
  /** Millihertz. */
  readonly frequency: number;
  /** Thousandths. */
  readonly powerFactor: number;
}

const NOMINAL: GridQuality = { voltageMin: 2290, voltageMax: 2310, voltageMean: 2300, frequency: 50_000, powerFactor: 980 };

interface ScheduleOptions {
  readonly meterId: string;
  readonly asset: { readonly intervalMinutes: number };
  readonly readingsPerFrame: 1 | 4 | 24 | 96;
  readonly profile: ProfileStore;
  readonly defences: { readonly uniformTraffic: boolean };
  readonly slotOffsetMs?: number;
  readonly qualityHours?: number;
  readonly grid?: () => GridQuality;
  readonly resendAfterMs?: number;
}

interface ScheduleParts {
  readonly keyring: Keyring;
  readonly resends: ResendQueue;
  readonly days: DayBook;
}

/**
 * When frames leave and which: at one moment of each period, the same for every value measured. Only a last gasp
 * leaves at once. Times are ms of the meter's clock.
 * @source X.1332 8.1: habits must not be read from the traffic
 */
export class Schedule {
  readonly #options: ScheduleOptions;
  readonly #parts: ScheduleParts;
  #lastSeal = 0;

  constructor(options: ScheduleOptions, parts: ScheduleParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** Reports an event in the next scheduled slot; a last gasp at the next poll. */
  report(event: LoggedEvent): void {
    const { profile } = this.#options;
    profile.events.push(event);
    if (profile.events.length > EVENT_LOG) profile.events.shift();
  }

  /** The clock was set to `utc`: whatever was planned for later than a period from now is planned anew. */
  clockSet(utc: number): void {
    const { marks } = this.#options.profile;
    marks.slot = Math.min(marks.slot, this.#slotOf(utc));
    marks.qualityAt = Math.min(marks.qualityAt, utc + DAY_MS);
    marks.sweepAt = Math.min(marks.sweepAt, utc + DAY_MS);
  }

  /** ms until the next scheduled slot. */
  untilNext(at: number): number {
    return (this.#slotOf(at) + 1) * this.#periodMs() + this.#offsetMs() - at;
  }

  /** Sealed frames that are due. */
  async poll(at: number): Promise<Buffer[]> {
    const { profile } = this.#options;
    await this.#parts.days.closeDays();
    const frames: Buffer[] = [];
    this.#lastGasps(at, frames);
    const slot = this.#slotOf(at);
    const first = profile.marks.slot < 0;
    const due = slot > profile.marks.slot && !first;
    if (due || first) profile.marks.slot = slot;
    if (due) this.#serve(at, (slot * this.#periodMs()) / 1000, frames);
    else if (this.#loadShows()) this.#serve(at, Number.POSITIVE_INFINITY, frames);
    return frames;
  }

  /** @param upTo newest interval end that this slot sends, UTC seconds: a late poll sends what a timely one had sent */
  #serve(at: number, upTo: number, frames: Buffer[]): void {
    const { keyring } = this.#parts;
    if (keyring.usable('pending', at)) this.#seal('pending', fin(keyring.pending!.confirmation), frames);
    const place = keyring.usable('current', at) ? 'current' : keyring.usable('pending', at) ? 'pending' : undefined;
    if (place === undefined) return;
    this.#events(place, frames);
    this.#quality(place, at, frames);
    this.#seals(place, frames);
    this.#readings(place, at, upTo, frames);
    this.#again(place, at, frames);
  }

  #readings(place: EpochPlace, at: number, upTo: number, frames: Buffer[]): void {
    const { profile, asset, readingsPerFrame } = this.#options;
    const live = Math.floor((at - this.#periodMs()) / 1000) - profile.intervalSeconds;
    for (const [channel, ring] of profile.channels.entries()) {
      const span = ring.unsent(upTo);
      if (span === undefined) continue;
      let left: number = SLOT_LIMIT.readings;
      const backlog = span.to - span.from >= readingsPerFrame * profile.intervalSeconds;
      for (const part of cut(ring, span, profile.intervalSeconds, backlog ? 96 : readingsPerFrame)) {
        if (left-- === 0) break;
        const head = this.#parts.days.headAt(channel, part.to);
        const reading = readingOf(ring, { channel, minutes: asset.intervalMinutes, resent: part.to < live }, part, head);
        if (!this.#seal(place, reading, frames)) return;
        ring.sentTo = part.to;
      }
    }
  }

  #again(place: EpochPlace, at: number, frames: Buffer[]): void {
    const { profile, asset, resendAfterMs = 26 * HOUR_MS } = this.#options;
    const { resends } = this.#parts;
    const now = Math.floor(at / 1000);
    if (at >= profile.marks.sweepAt) {
      profile.marks.sweepAt = at + DAY_MS;
      resends.sweep(now, Math.floor(resendAfterMs / 1000), now - OLDEST_DAYS * 86_400);
    }
    for (let i = 0; i < SLOT_LIMIT.resends; i++) {
      const next = resends.next(now);
      if (next === undefined) return;
      const { channel, part } = next;
      const kind = { channel, minutes: asset.intervalMinutes, resent: true };
      const reading = readingOf(profile.channels[channel]!, kind, part, this.#parts.days.headAt(channel, part.to));
      if (!this.#seal(place, reading, frames)) return;
    }
  }

  #events(place: EpochPlace, frames: Buffer[]): void {
    const { events } = this.#options.profile;
    for (let i = 0; i < SLOT_LIMIT.events && events.length > 0; i++) {
      if (!this.#seal(place, { kind: 'event', flags: 0, ...events[0]! }, frames)) return;
      events.shift();
    }
  }

  #lastGasps(at: number, frames: Buffer[]): void {
    const { profile } = this.#options;
    const { keyring } = this.#parts;
    const place = keyring.usable('current', at) ? 'current' : 'pending';
    if (!profile.events.some((event) => event.code === EVENT_CODE.lastGasp) || !keyring.usable(place, at)) return;
    const gasps = profile.events.filter((event) => event.code === EVENT_CODE.lastGasp);
    profile.events = profile.events.filter((event) => event.code !== EVENT_CODE.lastGasp);
    for (const gasp of gasps.slice(0, LAST_GASPS)) this.#seal(place, { kind: 'event', flags: 0, ...gasp }, frames);
  }

  #quality(place: EpochPlace, at: number, frames: Buffer[]): void {
    const { profile, asset, qualityHours = 24, grid = () => NOMINAL } = this.#options;
    if (qualityHours === 0 || at < profile.marks.qualityAt) return;
    const every = qualityHours * HOUR_MS;
    const end = Math.floor(at / 1000 / profile.intervalSeconds) * profile.intervalSeconds;
    profile.marks.qualityAt = (Math.floor(at / every) + 1) * every;
    this.#seal(place, { kind: 'quality', flags: 0, end, minutes: asset.intervalMinutes, ...grid() }, frames);
  }

  /** In turn, so that days asked for again and again don't hold up the others. */
  #seals(place: EpochPlace, frames: Buffer[]): void {
    const due = this.#options.profile.seals.filter((seal) => seal.due);
    const waiting = [...due.filter((seal) => seal.dayEnd > this.#lastSeal), ...due.filter((seal) => seal.dayEnd <= this.#lastSeal)];
    for (const seal of waiting.slice(0, SLOT_LIMIT.seals)) {
      const frame = this.#parts.keyring.seal(place, seal.plaintext);
      if (frame === undefined) return;
      frames.push(frame);
      seal.due = false;
      this.#lastSeal = seal.dayEnd;
    }
  }

  #seal(place: EpochPlace, plain: Plaintext, frames: Buffer[]): boolean {
    const frame = this.#parts.keyring.seal(place, encodePlaintext(plain));
    if (frame !== undefined) frames.push(frame);
    return frame !== undefined;
  }

  /** With uniform traffic switched off: a meter that speaks when the load changes, as many do. */
  #loadShows(): boolean {
    const { defences, profile } = this.#options;
    if (defences.uniformTraffic) return false;
    const ring = profile.channels[0]!;
    const last = ring.slot(ring.lastEnd)?.value ?? 0;
    const before = ring.slot(ring.lastEnd - profile.intervalSeconds)?.value ?? 0;
    return ring.unsent(ring.lastEnd) !== undefined && Math.abs(last - before) > Math.min(last, before);
  }

  #slotOf(at: number): number {
    return Math.floor((at - this.#offsetMs()) / this.#periodMs());
  }

  #periodMs(): number {
    return this.#options.readingsPerFrame * this.#options.asset.intervalMinutes * 60_000;
  }

  #offsetMs(): number {
    return this.#options.slotOffsetMs ?? Number.parseInt(this.#options.meterId.slice(-6), 16) % OFFSET_SPREAD_MS;
  }
}

function fin(confirmation: Buffer): Plaintext {
  return { kind: 'fin', flags: 0, confirmation };
}
