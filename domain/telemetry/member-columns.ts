import type { AssetRecord, MemberStatus } from '../../events/index.ts';
import type { Carried, Judged, Member } from './members.ts';
import { meterHigh, meterIdOf, meterLow } from './meter-index.ts';

const STATUSES: readonly MemberStatus[] = ['active', 'quarantined', 'retired'];
const FIRST_ROOM = 16;
/** One empty list for all members that have none. */
const NOTHING: readonly never[] = Object.freeze([]);

/** What of a member may be told anew; absent = stays. */
export interface MemberChange {
  readonly kind?: Judged | undefined;
  readonly relays?: Member['relays'] | undefined;
  readonly status?: MemberStatus | undefined;
  readonly carried?: readonly Carried[] | undefined;
}

/**
 * Members of a segment as columns, by number: an object for each with its lists and boxed numbers is walked whenever the heap is collected. What meters
 * of a kind or a neighbourhood have in common is named, not copied; what few members have lies in maps.
 */
export class MemberColumns {
  #room = FIRST_ROOM;
  #high = new Uint32Array(FIRST_ROOM);
  #low = new Uint32Array(FIRST_ROOM);
  #status = new Uint8Array(FIRST_ROOM);
  #since = new Float64Array(FIRST_ROOM);
  #joined = new Float64Array(FIRST_ROOM);
  #ackedAt = new Float64Array(FIRST_ROOM);
  #askedAt = new Float64Array(FIRST_ROOM);
  #dnSeq = new Uint32Array(FIRST_ROOM);
  /** Lanes of a member follow each other. */
  #firstLane = new Uint32Array(FIRST_ROOM);
  #laneCount = new Uint8Array(FIRST_ROOM);
  readonly #kinds: Judged[] = [];
  readonly #relays: Member['relays'][] = [];
  readonly #carried = new Map<number, readonly Carried[]>();
  readonly #cameBy = new Map<number, readonly string[]>();

  /** A member where it lies: what is read and set of it is read and set here. */
  static readonly Place = class Place implements Member {
    readonly #of: MemberColumns;
    readonly #number: number;

    constructor(of: MemberColumns, number: number) {
      this.#of = of;
      this.#number = number;
    }

    get meterId(): string {
      return meterIdOf(this.#of.#high[this.#number]!, this.#of.#low[this.#number]!);
    }

    get kind(): Judged {
      return this.#of.#kinds[this.#number]!;
    }

    get asset(): AssetRecord {
      return this.kind.asset;
    }

    get capacity(): readonly number[] {
      return this.kind.capacity;
    }

    get modulus(): readonly number[] {
      return this.kind.modulus;
    }

    get relays(): Member['relays'] {
      return this.#of.#relays[this.#number]!;
    }

    get status(): MemberStatus {
      return STATUSES[this.#of.#status[this.#number]!]!;
    }

    get since(): number {
      return this.#of.#since[this.#number]!;
    }

    get lanes(): readonly number[] {
      const first = this.#of.#firstLane[this.#number]!;
      const count = this.#of.#laneCount[this.#number]!;
      if (count === 1) return [first];
      return Array.from({ length: count }, (_, channel) => first + channel);
    }

    get joined(): number {
      return this.#of.#joined[this.#number]!;
    }

    get carried(): readonly Carried[] {
      return this.#of.#carried.get(this.#number) ?? NOTHING;
    }

    get cameBy(): readonly string[] {
      return this.#of.#cameBy.get(this.#number) ?? NOTHING;
    }

    get dnSeq(): number {
      return this.#of.#dnSeq[this.#number]!;
    }

    set dnSeq(sequence: number) {
      this.#of.#dnSeq[this.#number] = sequence;
    }

    get ackedAt(): number {
      return this.#of.#ackedAt[this.#number]!;
    }

    set ackedAt(at: number) {
      this.#of.#ackedAt[this.#number] = at;
    }

    get askedAt(): number {
      return this.#of.#askedAt[this.#number]!;
    }

    set askedAt(at: number) {
      this.#of.#askedAt[this.#number] = at;
    }
  };

  at(number: number): Member {
    return new MemberColumns.Place(this, number);
  }

  /** @returns undefined for a channel that had none when the member came */
  lane(number: number, channel: number): number | undefined {
    return channel < this.#laneCount[number]! ? this.#firstLane[number]! + channel : undefined;
  }

  set(number: number, member: Member): void {
    if (number >= this.#room) this.#grow(number + 1);
    this.#high[number] = meterHigh(member.meterId);
    this.#low[number] = meterLow(member.meterId);
    this.#since[number] = member.since;
    this.#joined[number] = member.joined;
    this.#ackedAt[number] = member.ackedAt;
    this.#askedAt[number] = member.askedAt;
    this.#dnSeq[number] = member.dnSeq;
    this.#firstLane[number] = member.lanes[0] ?? 0;
    this.#laneCount[number] = member.lanes.length;
    keep(this.#cameBy, number, member.cameBy);
    this.change(number, member);
  }

  change(number: number, { kind, relays, status, carried }: MemberChange): void {
    if (kind !== undefined) this.#kinds[number] = kind;
    if (relays !== undefined) this.#relays[number] = relays;
    if (status !== undefined) this.#status[number] = STATUSES.indexOf(status);
    if (carried !== undefined) keep(this.#carried, number, carried);
  }

  /** Lets go of what only this member had. */
  forget(number: number): void {
    this.#carried.delete(number);
    this.#cameBy.delete(number);
  }

  #grow(least: number): void {
    this.#room = Math.max(2 * this.#room, least);
    this.#high = widened(this.#high, new Uint32Array(this.#room));
    this.#low = widened(this.#low, new Uint32Array(this.#room));
    this.#status = widened(this.#status, new Uint8Array(this.#room));
    this.#since = widened(this.#since, new Float64Array(this.#room));
    this.#joined = widened(this.#joined, new Float64Array(this.#room));
    this.#ackedAt = widened(this.#ackedAt, new Float64Array(this.#room));
    this.#askedAt = widened(this.#askedAt, new Float64Array(this.#room));
    this.#dnSeq = widened(this.#dnSeq, new Uint32Array(this.#room));
    this.#firstLane = widened(this.#firstLane, new Uint32Array(this.#room));
    this.#laneCount = widened(this.#laneCount, new Uint8Array(this.#room));
  }
}

function keep<T>(map: Map<number, readonly T[]>, number: number, list: readonly T[]): void {
  if (list.length > 0) map.set(number, list);
  else map.delete(number);
}

function widened<A extends Uint8Array | Uint32Array | Float64Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
