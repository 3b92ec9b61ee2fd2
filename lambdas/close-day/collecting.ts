import { type OpenedFrame, recordedFrames } from '../../domain/telemetry/opened-frame.ts';
import { countsSlots, isReleased } from '../../domain/telemetry/slot-rule.ts';
import { ANNOTATION, type FramesAccepted, type FramesHeld, RECORD, RECORD_KIND, recordU32 } from '../../events/index.ts';
import type { RecordedCommit } from '../../platform/ports/event-store.ts';
import { type LocalDay, localDayAt, localDayOfSlot } from '../shared/days/local-days.ts';
import { DayBucket } from './day-bucket.ts';
import type { Roster, RosterMember } from './roster.ts';

/** Codes of a meter's events (protocol.md, plaintext) that tell of its supply. */
const EVENT = { outageStart: 3, outageEnd: 4, lastGasp: 6 } as const;
const EVENT_CODE_AT = 2;
const EVENT_TIME_AT = 3;
const SEAL_AT = 2;
const SEAL_START_AT = SEAL_AT + 12;
const SEAL_CHANNELS_AT = SEAL_AT + 69;
const SEAL_FIXED = 134;
const SEAL_CHANNEL = 46;

/** What one pass looks for. */
export interface Wanted {
  /** Per zone: the day that is closed in this pass; zones without one only take late data. */
  readonly due: ReadonlyMap<string, LocalDay>;
  /** Per zone: days up to this one were closed before; what comes for them behind `readTo` is late. */
  readonly closed: ReadonlyMap<string, string>;
  /** Version up to which an earlier pass has read. */
  readonly readTo: number;
}

/**
 * Sorts a segment's commits into the local days of its meters, reading each commit once. The memory it takes depends on the
 * meters of the segment and on how many days are late, not on how much was sent.
 */
export class Collecting {
  /** By member. */
  readonly due: (DayBucket | undefined)[] = [];
  /** `<member>/<day>` to what came late. */
  readonly late = new Map<string, { readonly member: number; readonly bucket: DayBucket }>();
  readonly #roster: Roster;
  readonly #wanted: Wanted;
  #version = 0;

  constructor(roster: Roster, wanted: Wanted) {
    this.#roster = roster;
    this.#wanted = wanted;
  }

  /** Commits come in order. */
  add({ version, events }: RecordedCommit): void {
    this.#version = version;
    for (const event of events) {
      if (event.type === 'FramesAccepted') this.#frames(event.data);
      else if (event.type === 'FramesHeld') this.#frames(event.data, event.data.reasons);
      else this.#roster.apply(event);
    }
  }

  /** The bucket of a meter for the day that is due, made when it isn't there. */
  bucketOf(number: number, member: RosterMember, day: LocalDay): DayBucket {
    const known = this.due[number];
    if (known !== undefined) return known;
    const made = new DayBucket(day, member.asset.intervalMinutes, member.asset.channels.length);
    this.due[number] = made;
    return made;
  }

  /** @param reasons given for frames that were set aside */
  #frames({ frames, brokerTime }: FramesAccepted | FramesHeld, reasons?: Uint8Array): void {
    if (reasons !== undefined && !reasons.some(isReleased)) return;
    const { annotations, plaintext } = frames;
    for (const { frame, at, i } of recordedFrames(frames)) {
      if (reasons !== undefined && !isReleased(reasons[i]!)) continue;
      const member = this.#roster.members[frame.member];
      if (member === undefined) continue;
      if (frame.kind === RECORD_KIND.reading) {
        if (!countsSlots(frame, member.asset, brokerTime, reasons !== undefined)) {
          if (reasons === undefined) this.#offGrid(member, frame);
          continue;
        }
        const released = reasons === undefined ? 0 : ANNOTATION.released;
        this.#reading(member, frame, annotationAt(annotations, i) | released, plaintext, at);
      } else if (frame.kind === RECORD_KIND.seal) this.#seal(member, frame.member, plaintext, at);
      else if (frame.kind === RECORD_KIND.event) this.#event(member, frame.member, plaintext, at);
    }
  }

  #reading(member: RosterMember, frame: OpenedFrame, bits: number, plaintext: Uint8Array, at: number): void {
    const { asset } = member;
    const step = frame.minutes * 60;
    if (frame.end > member.lastEnd) member.lastEnd = frame.end;
    const firstEnd = frame.end - (frame.count - 1) * step;
    const due = this.#wanted.due.get(asset.zone);
    const modulus = 10 ** asset.channels[frame.channel]!.dials;
    const put = (bucket: DayBucket) => {
      const lane = bucket.lanes[frame.channel]!;
      lane.add(frame, (firstEnd - bucket.start) / step - 1, modulus, bits);
      if (frame.end > bucket.start && frame.end <= bucket.end) lane.addHead(frame.end, plaintext, at + RECORD.head);
    };
    if (due !== undefined && frame.end >= due.start && firstEnd <= due.end) put(this.bucketOf(frame.member, member, due));
    if (due !== undefined && firstEnd > due.start) return;
    if (this.#version <= this.#wanted.readTo) return;
    for (const bucket of this.#lateBuckets(member, frame.member, firstEnd, Math.min(frame.end, due?.start ?? frame.end))) put(bucket);
  }

  /** Days that were closed before and in which slots between the two ends lie. */
  #lateBuckets(member: RosterMember, number: number, firstEnd: number, lastEnd: number): DayBucket[] {
    const { zone } = member.asset;
    const buckets: DayBucket[] = [];
    for (let end = firstEnd; end <= lastEnd; ) {
      const day = localDayOfSlot(end, zone);
      if (this.#isLate(zone, day.day)) buckets.push(this.#lateBucket(member, number, day));
      end = day.end + member.asset.intervalMinutes * 60;
    }
    return buckets;
  }

  #isLate(zone: string, day: string): boolean {
    const closed = this.#wanted.closed.get(zone);
    return closed !== undefined && day <= closed && day !== this.#wanted.due.get(zone)?.day;
  }

  #lateBucket(member: RosterMember, number: number, day: LocalDay): DayBucket {
    const key = `${number}/${day.day}`;
    const known = this.late.get(key);
    if (known !== undefined) return known.bucket;
    const bucket = new DayBucket(day, member.asset.intervalMinutes, member.asset.channels.length);
    this.late.set(key, { member: number, bucket });
    return bucket;
  }

  /** The day that began at `start` or in which `start` lies, if this pass wants it. */
  #bucketAt(member: RosterMember, number: number, start: number): DayBucket | undefined {
    const { zone } = member.asset;
    const due = this.#wanted.due.get(zone);
    if (due !== undefined && start >= due.start && start < due.end) return this.bucketOf(number, member, due);
    if (this.#version <= this.#wanted.readTo) return undefined;
    const day = localDayAt(start, zone);
    return this.#isLate(zone, day.day) ? this.#lateBucket(member, number, day) : undefined;
  }

  /** What has no slot is told to the day in which it ends. */
  #offGrid(member: RosterMember, { member: number, channel, count, end }: OpenedFrame): void {
    const bucket = count > 0 ? this.#bucketAt(member, number, end - 1) : undefined;
    bucket?.lanes[channel]?.offGrid.push(end);
  }

  #seal(member: RosterMember, number: number, plaintext: Uint8Array, at: number): void {
    const bucket = this.#bucketAt(member, number, recordU32(plaintext, at + SEAL_START_AT));
    const length = SEAL_FIXED + SEAL_CHANNEL * plaintext[at + SEAL_CHANNELS_AT]!;
    bucket?.addSeal(plaintext.subarray(at + SEAL_AT, at + SEAL_AT + length));
  }

  #event(member: RosterMember, number: number, plaintext: Uint8Array, at: number): void {
    const code = plaintext[at + EVENT_CODE_AT]!;
    const time = recordU32(plaintext, at + EVENT_TIME_AT);
    if (code === EVENT.outageStart || code === EVENT.lastGasp) this.#bucketAt(member, number, time)?.outageStart(time);
    else if (code === EVENT.outageEnd) this.#bucketAt(member, number, time)?.outageEnd(time);
  }
}

function annotationAt(column: Uint8Array, i: number): number {
  const at = i * 4;
  return (column[at]! | (column[at + 1]! << 8) | (column[at + 2]! << 16) | (column[at + 3]! << 24)) >>> 0;
}
