import { emptyView, isEstimate, viewSlot } from '../../domain/meterday/effective.ts';
import type { MeterDayState, OpenDay } from '../../domain/meterday/state.ts';
import { type DayFrame, NO_COUNTS, RECORD_FLAG } from '../../events/index.ts';
import type { EventStore } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { foldDay, isSealedFromReader } from '../shared/days/day-streams.ts';
import { localDay, meterDayStream } from '../shared/days/local-days.ts';

/** A whole local day of one meter as far as one subject's parts of it are known, for estimation to compare with. */
export interface EarlierDay {
  readonly day: string;
  /** UTC s. */
  readonly start: number;
  readonly end: number;
  readonly minutes: number;
  readonly zone: string;
  /** By channel number. */
  readonly channels: readonly (EarlierChannel | undefined)[];
}

export interface EarlierChannel {
  /** Billable measurements; NO_COUNTS where a slot is missing, held or estimated. */
  readonly counts: Uint32Array;
  /** Every slot is a billable measurement and no outage touched the day. */
  readonly usable: boolean;
}

type Wanted = Pick<DayFrame, 'meterId' | 'subject' | 'minutes' | 'zone'>;

/** What stays in memory, bytes of counts; what was read first gives way. */
const MOST_BYTES = 32 * 1024 * 1024;
/** A day costs so much beside its counts. */
const ENTRY_BYTES = 512;
/** What is older may have been edited meanwhile. */
const KEPT_MS = 15 * 60_000;
/** More parts than tenancies and installations could divide a day into. */
const MOST_PARTS = 16;

interface Kept {
  readonly found: EarlierDay | undefined;
  readonly bytes: number;
  /** UTC ms. */
  readonly readAt: number;
}

/**
 * Days of meters as estimation looks at them, each read once per run however many days and channels ask for it. Bounded memory.
 * A day that belongs to another subject is not looked at, be its key at hand or not.
 */
export class EarlierDays {
  readonly #platform: Platform;
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** @param access covers the subject of the day that is estimated @returns undefined where nothing of the day is this subject's */
  async get(wanted: Wanted, day: string, access: SubjectAccess): Promise<EarlierDay | undefined> {
    const key = `${wanted.meterId}/${day}/${wanted.subject}`;
    const known = this.#kept.get(key);
    const now = this.#platform.clock.now();
    if (known !== undefined && now - known.readAt < KEPT_MS) return known.found;
    this.#drop(key);
    const found = await readDay(this.#platform.events, wanted, day, access);
    this.#keep(key, { found, bytes: bytesOf(found), readAt: now });
    return found;
  }

  /** Something of this meter's day was recorded: it is read again. */
  forget({ meterId, day, subject }: Pick<DayFrame, 'meterId' | 'day' | 'subject'>): void {
    this.#drop(`${meterId}/${day}/${subject}`);
  }

  #keep(key: string, kept: Kept): void {
    this.#drop(key);
    this.#kept.set(key, kept);
    this.#bytes += kept.bytes;
    while (this.#bytes > MOST_BYTES) this.#drop(this.#kept.keys().next().value!);
  }

  #drop(key: string): void {
    this.#bytes -= this.#kept.get(key)?.bytes ?? 0;
    this.#kept.delete(key);
  }
}

function bytesOf(day: EarlierDay | undefined): number {
  return ENTRY_BYTES + (day?.channels.reduce((sum, channel) => sum + (channel?.counts.byteLength ?? 0), 0) ?? 0);
}

async function readDay(events: EventStore, wanted: Wanted, day: string, access: SubjectAccess): Promise<EarlierDay | undefined> {
  const { start, end } = localDay(day, wanted.zone);
  const parts: OpenDay[] = [];
  for (let part = 1; part <= MOST_PARTS; part++) {
    const read = await readPart(events, meterDayStream(wanted.meterId, day, part), access);
    if (read === 'sealed') continue;
    if (read.status === 'empty') break;
    const { frame } = read;
    if (frame.subject === wanted.subject && frame.minutes === wanted.minutes && frame.start < frame.end) parts.push(read);
    if (frame.end >= end) break;
  }
  if (parts.length === 0) return undefined;
  const slots = Math.floor((end - start) / (wanted.minutes * 60));
  const channels: (EarlierChannel | undefined)[] = [];
  for (const part of parts)
    for (const channel of part.channels) if (channel) channels[channel.channel] ??= together(parts, channel.channel, start, slots);
  return { day, start, end, minutes: wanted.minutes, zone: wanted.zone, channels };
}

async function readPart(events: EventStore, stream: string, access: SubjectAccess): Promise<MeterDayState | 'sealed'> {
  try {
    return await foldDay({ events }, stream, access);
  } catch (error) {
    if (isSealedFromReader(error)) return 'sealed';
    throw error;
  }
}

const view = emptyView();

/** A channel over the parts of its day. */
function together(parts: readonly OpenDay[], number: number, start: number, slots: number): EarlierChannel {
  const counts = new Uint32Array(slots).fill(NO_COUNTS);
  let usable = parts.every(({ outages }) => outages.length === 0);
  for (const part of parts) {
    const channel = part.channels[number];
    if (channel === undefined) continue;
    const first = (part.frame.start - start) / (part.frame.minutes * 60);
    for (let slot = 0; slot < part.slots; slot++) {
      viewSlot(channel, slot, true, view);
      if ((channel.flags[slot]! & RECORD_FLAG.outage) !== 0) usable = false;
      if (!isEstimate(view.source)) counts[first + slot] = view.counts;
    }
  }
  return { counts, usable: usable && !counts.includes(NO_COUNTS) };
}
