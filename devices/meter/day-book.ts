import { signerOf } from '../../protocol/cose.ts';
import { encodePlaintext } from '../../protocol/plaintext.ts';
import {
  CHAIN_BYTES,
  CLOCK,
  chainStep,
  DAY_SALT_BYTES,
  dayChainStart,
  encodeRecord,
  encodeSeal,
  type SealChannel,
  sealHash,
} from '../../protocol/profile.ts';
import { lastMidnight, localDay, nextMidnight } from './calendar.ts';
import type { MeterIdentity } from './identity.ts';
import type { ProfileDay, ProfileStore } from './profile-store.ts';

const HOUR_SECONDS = 3_600;

interface DayBookOptions {
  readonly meterId: string;
  readonly profile: ProfileStore;
  readonly identity: MeterIdentity;
  readonly random: (bytes: number) => Buffer;
  /** Version of the enrolled channel table. */
  readonly tableVersion: number;
}

/**
 * Days of the load profile: the hourly hash chain of each channel from the day's salt on, and the signed seal when a
 * day is complete. Nothing is chained before the MDMS has said when local midnights are.
 * @source X.1332 8.1; protocol.md, load profile, chain, seal
 */
export class DayBook {
  readonly #options: DayBookOptions;
  /** Per channel, how far the chain of one day was computed last. */
  #progress: { dayStart: number; hours: number; head: Buffer }[] = [];

  constructor(options: DayBookOptions) {
    this.#options = options;
  }

  /** Chain head of the last hour that was complete at `end` (UTC s, a slot of the channel); zeros before the first day is known. */
  headAt(channel: number, end: number): Buffer {
    this.#openDays();
    const day = this.#options.profile.days.findLast((candidate) => candidate.start < end);
    if (day === undefined) return Buffer.alloc(CHAIN_BYTES);
    return this.#headAfter(channel, day, Math.floor((end - day.start) / HOUR_SECONDS));
  }

  /** Signs a seal for every complete day that has none; they are due in the next scheduled slot. */
  async closeDays(): Promise<void> {
    const { profile } = this.#options;
    const complete = Math.min(...profile.channels.map((channel) => (channel.count === 0 ? 0 : channel.lastEnd)));
    if (profile.midnights.length === 0 || complete < profile.marks.dayEnd) return;
    this.#openDays();
    for (const [i, day] of profile.days.entries()) {
      const end = profile.days[i + 1]?.start ?? nextMidnight(profile.midnights, day.start);
      if (day.start < profile.marks.sealedTo) continue;
      profile.marks.dayEnd = end;
      if (end > complete) break;
      await this.#seal(day, end);
    }
    profile.forget();
  }

  async #seal(day: ProfileDay, end: number): Promise<void> {
    const { meterId, profile, identity, tableVersion } = this.#options;
    const seal = {
      meterId,
      tableVersion,
      day: localDay(day.start),
      start: day.start,
      end,
      clockStatus: profile.marks.clockSetAt > day.start ? CLOCK.set : 0,
      salt: day.salt,
      previous: profile.previousSeal ?? Buffer.alloc(CHAIN_BYTES),
      channels: profile.channels.map((_, channel) => this.#sealChannel(channel, day, end)),
    };
    const { bytes } = await encodeSeal(seal, signerOf(identity.privateKey));
    profile.previousSeal = sealHash(bytes);
    profile.marks.sealedTo = end;
    profile.seals.push({ dayEnd: end, plaintext: encodePlaintext({ kind: 'seal', flags: 0, seal: bytes }), due: true });
  }

  #sealChannel(channel: number, day: ProfileDay, end: number): SealChannel {
    const { profile } = this.#options;
    const ring = profile.channels[channel]!;
    const first = Math.max(day.start + profile.intervalSeconds, ring.firstEnd);
    let slots = 0;
    for (let at = first; at <= end; at += profile.intervalSeconds) if (ring.slot(at)?.value != null) slots += 1;
    return {
      headEnd: this.#headAfter(channel, day, Math.ceil((end - day.start) / HOUR_SECONDS), end),
      registerStart: ring.registerBefore(first),
      registerEnd: ring.registerAt(end),
      slots,
    };
  }

  /** One step an hour from the day's start; the last hour of a day may be a part of one. */
  #headAfter(channel: number, day: ProfileDay, hours: number, dayEnd = Number.POSITIVE_INFINITY): Buffer {
    const known = this.#progress[channel];
    const from = known !== undefined && known.dayStart === day.start && known.hours <= hours ? known : undefined;
    let head = from?.head ?? dayChainStart(this.#options.meterId, channel, day.start, day.salt);
    const first = day.start + (from?.hours ?? 0) * HOUR_SECONDS;
    const records = this.#records(channel, first, Math.min(day.start + hours * HOUR_SECONDS, dayEnd));
    for (let start = first; start < day.start + hours * HOUR_SECONDS; start += HOUR_SECONDS) {
      const within = records.filter((record) => record.readUInt32BE(0) > start && record.readUInt32BE(0) <= start + HOUR_SECONDS);
      head = chainStep(head, within);
    }
    this.#progress[channel] = { dayStart: day.start, hours, head };
    return head;
  }

  /** Records of the slots that end in (from, to]. */
  #records(channel: number, from: number, to: number): Buffer[] {
    const { profile } = this.#options;
    const ring = profile.channels[channel]!;
    const records: Buffer[] = [];
    let register = ring.registerAt(to);
    for (let at = to; at > from; at -= profile.intervalSeconds) {
      const slot = ring.slot(at);
      if (slot === undefined) continue;
      records.push(encodeRecord({ end: at, register, value: slot.value, flags: slot.flags }));
      register = ring.wrap(register - slot.advance);
    }
    return records.reverse();
  }

  /** Every slot lies in a day that is open or closed. */
  #openDays(): void {
    const { profile, random } = this.#options;
    if (profile.midnights.length === 0) return;
    const ends = profile.channels.filter((channel) => channel.count > 0);
    if (ends.length === 0) return;
    const last = Math.max(...ends.map((channel) => channel.lastEnd));
    if (profile.days.length === 0) {
      const first = Math.min(...ends.map((channel) => channel.firstEnd)) - profile.intervalSeconds;
      profile.days.push({ start: lastMidnight(profile.midnights, first), salt: random(DAY_SALT_BYTES) });
    }
    for (let end = nextMidnight(profile.midnights, profile.days.at(-1)!.start); end < last; end = nextMidnight(profile.midnights, end)) {
      profile.days.push({ start: end, salt: random(DAY_SALT_BYTES) });
    }
  }
}
