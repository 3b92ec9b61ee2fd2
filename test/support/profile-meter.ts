import { type KeyObject, randomBytes } from 'node:crypto';
import { DayBook } from '../../devices/meter/day-book.ts';
import { ProfileStore } from '../../devices/meter/profile-store.ts';
import { cut, readingOf } from '../../devices/meter/reading-frames.ts';
import type { AssetRecord } from '../../events/index.ts';
import { localDay, plusDays } from '../../lambdas/shared/days/local-days.ts';
import { encodePlaintext } from '../../protocol/plaintext.ts';

export interface ProfileMeterOptions {
  readonly meterId: string;
  readonly asset: AssetRecord;
  readonly privateKey: KeyObject;
  /** First local day it may seal, `yyyy-mm-dd`. */
  readonly firstDay: string;
  readonly days?: number;
  /** Slots of a frame at most. */
  readonly longest?: 1 | 4 | 24 | 96;
}

/** A meter's load profile, chain and seals as the reference meter keeps them, without its keys and its schedule. */
export class ProfileMeter {
  readonly options: ProfileMeterOptions;
  readonly profile: ProfileStore;
  book: DayBook;

  constructor(options: ProfileMeterOptions) {
    this.options = options;
    const { asset, firstDay, days = 12 } = options;
    this.profile = new ProfileStore({ intervalMinutes: asset.intervalMinutes, channels: asset.channels });
    this.profile.midnights = Array.from({ length: days + 1 }, (_, i) => localDay(plusDays(firstDay, i), asset.zone).start);
    this.book = this.#openBook();
  }

  /** What a restart of the meter leaves: the profile; what was computed from it is computed again. */
  restart(): void {
    this.book = this.#openBook();
  }

  #openBook(): DayBook {
    const { meterId, privateKey } = this.options;
    const identity = { privateKey, certificate: Buffer.alloc(0) };
    return new DayBook({ meterId, profile: this.profile, identity, random: randomBytes, tableVersion: 1 });
  }

  /** @param end UTC s */
  measure(end: number, value: number | null, advance = value ?? 0, flags = 0, channel = 0): void {
    this.profile.channels[channel]!.append(end, value, advance, flags, 32);
    this.book.headAt(channel, end);
  }

  /** Plaintexts of what was not sent yet, oldest first. @param upTo UTC s */
  frames(upTo = Number.POSITIVE_INFINITY): Buffer[] {
    const { asset, longest = 4 } = this.options;
    const said: Buffer[] = [];
    for (const [channel, ring] of this.profile.channels.entries()) {
      const span = ring.unsent(upTo);
      if (span === undefined) continue;
      for (const part of cut(ring, span, asset.intervalMinutes * 60, longest)) {
        const place = { channel, minutes: asset.intervalMinutes, resent: false };
        said.push(encodePlaintext(readingOf(ring, place, part, this.book.headAt(channel, part.to))));
        ring.sentTo = part.to;
      }
    }
    return said;
  }

  /** Slots again that were sent before. @param from first end @param to last end, UTC s */
  resend(from: number, to: number, channel = 0): Buffer[] {
    const { asset, longest = 4 } = this.options;
    const ring = this.profile.channels[channel]!;
    return [...cut(ring, { from, to }, asset.intervalMinutes * 60, longest)].map((part) => {
      const place = { channel, minutes: asset.intervalMinutes, resent: true };
      return encodePlaintext(readingOf(ring, place, part, this.book.headAt(channel, part.to)));
    });
  }

  /** Plaintexts of the seals of days that are complete and were not handed out yet. */
  async seals(): Promise<Buffer[]> {
    await this.book.closeDays();
    const due = this.profile.seals.filter((seal) => seal.due);
    for (const seal of due) seal.due = false;
    return due.map(({ plaintext }) => plaintext);
  }
}
