import { deserialize, serialize } from 'node:v8';
import { ChannelProfile } from './channel-profile.ts';
import type { ChannelProfileState } from './slots.ts';

/** Days a meter keeps its load profile. @source protocol.md, frames exactly once */
const PROFILE_DAYS = 45;

interface ProfileStoreOptions {
  readonly intervalMinutes: number;
  readonly channels: readonly { readonly dials: number }[];
  /** Default PROFILE_DAYS. */
  readonly days?: number;
}

/** A day that was begun: where its hourly chain starts. */
export interface ProfileDay {
  /** UTC seconds. */
  readonly start: number;
  /** 16 random bytes. */
  readonly salt: Buffer;
}

/** A signed daily seal as it travels; kept as long as the profile, because a signature is never made twice. */
interface KeptSeal {
  /** UTC seconds. */
  readonly dayEnd: number;
  /** Plaintext of the frame. */
  readonly plaintext: Buffer;
  /** Leaves in the next scheduled slot. */
  due: boolean;
}

export interface LoggedEvent {
  readonly code: number;
  /** UTC seconds. */
  readonly at: number;
  readonly value: number;
}

interface Saved {
  readonly version: 1;
  readonly options: ProfileStoreOptions;
  readonly channels: readonly ChannelProfileState[];
  readonly days: readonly { start: number; salt: Uint8Array }[];
  readonly seals: readonly { dayEnd: number; plaintext: Uint8Array; due: boolean }[];
  readonly events: readonly LoggedEvent[];
  readonly midnights: readonly number[];
  readonly manifest: Uint8Array | undefined;
  readonly knownTime: number;
  readonly previousSeal: Uint8Array | undefined;
  readonly marks: ScheduleMarks;
}

/** What the schedule has done already, so that a reboot sends nothing out of turn. Times are ms of the meter's clock. */
interface ScheduleMarks {
  /** Number of the newest scheduled slot that was served. */
  slot: number;
  /** When the next quality frame is due. */
  qualityAt: number;
  /** When unanswered slots are looked for next. */
  sweepAt: number;
  /** UTC seconds: end of the last sealed day. */
  sealedTo: number;
  /** UTC seconds: end of the day that is sealed next. */
  dayEnd: number;
  /** UTC seconds: when the clock was set last. */
  clockSetAt: number;
}

/**
 * The meter's data flash: load profile per channel, days, seals, event log, calendar and key manifest. Holds no
 * secret. It survives a reboot of the meter; `snapshot` carries it over a restart of the process.
 * @source X.1332 8.1, 9.1
 */
export class ProfileStore {
  readonly options: ProfileStoreOptions;
  readonly channels: readonly ChannelProfile[];
  /** Oldest first. */
  days: ProfileDay[] = [];
  /** Oldest first. */
  seals: KeptSeal[] = [];
  /** Waiting to be reported. */
  events: LoggedEvent[] = [];
  /** UTC seconds of local midnights, rising. */
  midnights: readonly number[] = [];
  /** The newest key manifest that verified. */
  manifest: Buffer | undefined;
  /** UTC ms: the latest time that an ACCEPT proved to be past; 0 = none yet. */
  knownTime = 0;
  /** SHA-256 of the newest seal, 32 bytes. */
  previousSeal: Buffer | undefined;
  readonly marks: ScheduleMarks = { slot: -1, qualityAt: 0, sweepAt: 0, sealedTo: 0, dayEnd: 0, clockSetAt: 0 };

  constructor(options: ProfileStoreOptions) {
    this.options = options;
    this.channels = options.channels.map((channel) => new ChannelProfile(this.#channelOptions(channel.dials)));
  }

  static restore(snapshot: Buffer): ProfileStore {
    const saved = deserialize(snapshot) as Saved;
    if (saved.version !== 1) throw new RangeError('profile snapshot of version 1 expected');
    const store = new ProfileStore(saved.options);
    const channels = saved.channels.map((state, i) => new ChannelProfile(store.#channelOptions(saved.options.channels[i]!.dials), state));
    Object.assign(store, { channels });
    store.days = saved.days.map(({ start, salt }) => ({ start, salt: Buffer.from(salt) }));
    store.seals = saved.seals.map((seal) => ({ ...seal, plaintext: Buffer.from(seal.plaintext) }));
    store.events = [...saved.events];
    store.midnights = saved.midnights;
    store.manifest = saved.manifest === undefined ? undefined : Buffer.from(saved.manifest);
    store.knownTime = saved.knownTime;
    store.previousSeal = saved.previousSeal === undefined ? undefined : Buffer.from(saved.previousSeal);
    Object.assign(store.marks, saved.marks);
    return store;
  }

  get intervalSeconds(): number {
    return this.options.intervalMinutes * 60;
  }

  snapshot(): Buffer {
    const saved: Saved = {
      version: 1,
      options: this.options,
      channels: this.channels.map((channel) => channel.save()),
      days: this.days,
      seals: this.seals,
      events: this.events,
      midnights: this.midnights,
      manifest: this.manifest,
      knownTime: this.knownTime,
      previousSeal: this.previousSeal,
      marks: this.marks,
    };
    return serialize(saved);
  }

  /** Forgets days and seals that are older than every slot that is kept. */
  forget(): void {
    const oldest = Math.min(...this.channels.map((channel) => channel.firstEnd));
    const firstDay = this.days.findLastIndex((day) => day.start < oldest);
    if (firstDay > 0) this.days.splice(0, firstDay);
    const dead = this.seals.findIndex((seal) => seal.due || seal.dayEnd >= oldest);
    if (dead > 0) this.seals.splice(0, dead);
  }

  #channelOptions(dials: number) {
    return { intervalSeconds: this.intervalSeconds, dials, days: this.options.days ?? PROFILE_DAYS };
  }
}
