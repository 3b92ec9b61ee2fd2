import type { AssetRecord, MemberStatus, RelayInterval } from '../../events/index.ts';
import type { BatchWindow } from './batch-window.ts';
import { type MemberChange, MemberColumns } from './member-columns.ts';
import { MeterIndex, meterHigh, meterLow } from './meter-index.ts';
import type { SlotLanes } from './slot-lanes.ts';

/** Authentic frames still count over a concentrator this long after its assignment ended: its spool. */
export const SPOOL_MS = 72 * 3_600_000;

/** A meter's place in the segment: what enrolment said of it, and where its lanes are. */
export interface Member {
  readonly meterId: string;
  /** What its asset record says of it; `asset`, `capacity` and `modulus` are out of it. */
  readonly kind: Judged;
  readonly asset: AssetRecord;
  readonly relays: readonly RelayInterval[];
  readonly status: MemberStatus;
  /** UTC ms of joining this segment's first home. */
  readonly since: number;
  /** Lane of each channel of the asset record; they follow each other. */
  readonly lanes: readonly number[];
  /** Per channel: counts in one slot above which the service fuse would have blown (V08). */
  readonly capacity: readonly number[];
  /** Per channel: 10^dials. */
  readonly modulus: readonly number[];
  /** Version of the commit with which it came; -1 in checkpoints of before this was kept for a first home. */
  readonly joined: number;
  /** What the segments it came from knew of batches, for as long as the queue may deliver one of them again. */
  readonly carried: readonly Carried[];
  /** Moves that brought it here, now and before: hash of the commit it left with, hex. */
  readonly cameBy: readonly string[];
  /** Last downlink sequence number used. */
  dnSeq: number;
  /** Broker time of the last acknowledgement, UTC ms. */
  ackedAt: number;
  /** Broker time of the last resend request, UTC ms. */
  askedAt: number;
}

/** Batches of one concentrator that another segment judged, with this meter's frames in them. */
export interface Carried {
  readonly segment: string;
  readonly dcId: string;
  /** When the meter left there, UTC ms. */
  readonly at: number;
  readonly window: BatchWindow;
}

/** V08: what a fuse lets through for a while. */
const FUSE_TOLERANCE = 1.1;

/** One empty list for all members that have none. */
const NOTHING: readonly never[] = Object.freeze([]);

export function newMember(
  meterId: string,
  asset: AssetRecord,
  relays: readonly RelayInterval[],
  at: number,
  lanes: readonly number[],
): Member {
  const home = { joined: -1, carried: NOTHING, cameBy: NOTHING };
  const kind = judgedBy(asset);
  return {
    kind,
    ...kind,
    ...home,
    meterId,
    relays: sharedRelays(relays),
    status: 'active',
    since: at,
    lanes,
    dnSeq: 0,
    ackedAt: 0,
    askedAt: 0,
  };
}

/** Meters that the same concentrators hear share the list. */
function sharedRelays(relays: readonly RelayInterval[]): readonly RelayInterval[] {
  return neighbourhoods.share(relays, () => relays);
}

/** What its asset record says of a meter. */
export type Judged = Pick<Member, 'asset' | 'capacity' | 'modulus'>;

/** The asset record in the form the hot path compares with; meters of one kind share it. */
export function judgedBy(asset: AssetRecord): Judged {
  return kinds.share(asset, () => ({
    asset,
    // Counts are those of the meter, before scale and multiplier; the fuse is the service's, behind both.
    capacity: asset.channels.map((c) => ((asset.fuseW * asset.intervalMinutes) / 60 / (c.scale * c.multiplier)) * FUSE_TOLERANCE),
    modulus: asset.channels.map((c) => 10 ** c.dials),
  }));
}

/** One value for all keys that read alike: a fleet has few kinds of meters, and a hundred thousand of them. */
class Shared<Key, Value> {
  readonly #values = new Map<string, Value>();

  share(key: Key, make: () => Value): Value {
    const text = JSON.stringify(key);
    const known = this.#values.get(text);
    if (known !== undefined) return known;
    const value = make();
    if (this.#values.size >= 4_096) this.#values.clear();
    this.#values.set(text, value);
    return value;
  }
}

const kinds = new Shared<AssetRecord, Judged>();
const neighbourhoods = new Shared<readonly RelayInterval[], readonly RelayInterval[]>();

export function openLanes(slots: SlotLanes, asset: AssetRecord, at: number): number[] {
  const origin = Math.floor(at / (asset.intervalMinutes * 60_000));
  return asset.channels.map(() => slots.open(origin));
}

/** Whether the concentrator may bring this meter's frames, judged by broker time. */
export function relayAllowed(member: Member, dcId: string, brokerTime: number): boolean {
  for (const relay of member.relays) {
    if (relay.dcId === dcId && relay.from <= brokerTime && (relay.until === undefined || brokerTime < relay.until + SPOOL_MS)) return true;
  }
  return false;
}

/** The members of a segment by number and by meter id. A member that left keeps its number, and is found no more. */
export class Members {
  readonly #columns = new MemberColumns();
  readonly #index = new MeterIndex();
  /** By number: 1 = here. */
  #here = new Uint8Array(64);
  #count = 0;
  #present = 0;

  /** Numbers given so far, those of members that left included. */
  get count(): number {
    return this.#count;
  }

  /** Meters that are here. */
  get present(): number {
    return this.#present;
  }

  /** The member where it lies: what is set of it is set here. */
  at(number: number): Member | undefined {
    return this.#here[number] === 1 ? this.#columns.at(number) : undefined;
  }

  /** Lane of a channel, without a list of them being made; undefined for a channel that had none when the member came. */
  lane(number: number, channel: number): number | undefined {
    return this.#columns.lane(number, channel);
  }

  /** @returns member number, -1 when the meter isn't here (any more) */
  find(high: number, low: number): number {
    const number = this.#index.get(high, low);
    return number >= 0 && this.#here[number] === 1 ? number : -1;
  }

  findId(meterId: string): number {
    return this.find(meterHigh(meterId), meterLow(meterId));
  }

  set(number: number, member: Member): void {
    this.skip(number);
    if (this.#here[number] === 0) this.#present++;
    this.#here[number] = 1;
    this.#columns.set(number, member);
    this.#index.set(meterHigh(member.meterId), meterLow(member.meterId), number);
  }

  /** Tells anew what `change` names, of a member that is here. */
  change(number: number, change: MemberChange): void {
    this.#columns.change(number, change);
  }

  /** Keeps a number that a member left behind from being given again. */
  skip(number: number): void {
    this.#count = Math.max(this.#count, number + 1);
    if (number < this.#here.length) return;
    const wider = new Uint8Array(Math.max(2 * this.#here.length, number + 1));
    wider.set(this.#here);
    this.#here = wider;
  }

  remove(number: number): void {
    if (this.#here[number] === 1) this.#present--;
    this.#here[number] = 0;
    this.#columns.forget(number);
  }

  *all(): Generator<[number, Member]> {
    for (let number = 0; number < this.#count; number++) if (this.#here[number] === 1) yield [number, this.#columns.at(number)];
  }
}
