import type { AssetRecord, MemberStatus, RelayInterval } from '../../events/index.ts';
import { MeterIndex, meterHigh, meterLow } from './meter-index.ts';
import type { SlotLanes } from './slot-lanes.ts';

/** Authentic frames still count over a concentrator this long after its assignment ended: its spool. */
export const SPOOL_MS = 72 * 3_600_000;

/** A meter's place in the segment: what enrolment said of it, and where its lanes are. */
export interface Member {
  readonly meterId: string;
  readonly asset: AssetRecord;
  readonly relays: readonly RelayInterval[];
  readonly status: MemberStatus;
  /** UTC ms of joining this segment's first home. */
  readonly since: number;
  /** Lane of each channel of the asset record. */
  readonly lanes: readonly number[];
  /** Per channel: counts in one slot above which the service fuse would have blown (V08). */
  readonly capacity: readonly number[];
  /** Per channel: 10^dials. */
  readonly modulus: readonly number[];
  /** Last downlink sequence number used. */
  dnSeq: number;
  /** Broker time of the last acknowledgement, UTC ms. */
  ackedAt: number;
  /** Broker time of the last resend request, UTC ms. */
  askedAt: number;
}

/** V08: what a fuse lets through for a while. */
const FUSE_TOLERANCE = 1.1;

export function newMember(
  meterId: string,
  asset: AssetRecord,
  relays: readonly RelayInterval[],
  at: number,
  lanes: readonly number[],
): Member {
  return { ...judgedBy(asset), meterId, relays, status: 'active', since: at, lanes, dnSeq: 0, ackedAt: 0, askedAt: 0 };
}

/** The asset record in the form the hot path compares with. */
export function judgedBy(asset: AssetRecord): Pick<Member, 'asset' | 'capacity' | 'modulus'> {
  return {
    asset,
    capacity: asset.channels.map((c) => ((asset.fuseW * asset.intervalMinutes) / 60 / c.scale) * FUSE_TOLERANCE),
    modulus: asset.channels.map((c) => 10 ** c.dials),
  };
}

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

/** The members of a segment by number and by meter id. A member that left keeps its number, without a place in the index. */
export class Members {
  readonly #byNumber: (Member | undefined)[] = [];
  readonly #index = new MeterIndex();

  get count(): number {
    return this.#byNumber.length;
  }

  at(number: number): Member | undefined {
    return this.#byNumber[number];
  }

  /** @returns member number, -1 when the meter isn't here (any more) */
  find(high: number, low: number): number {
    const number = this.#index.get(high, low);
    return number >= 0 && this.#byNumber[number] !== undefined ? number : -1;
  }

  findId(meterId: string): number {
    return this.find(meterHigh(meterId), meterLow(meterId));
  }

  set(number: number, member: Member): void {
    this.skip(number);
    this.#byNumber[number] = member;
    this.#index.set(meterHigh(member.meterId), meterLow(member.meterId), number);
  }

  /** Keeps a number that a member left behind from being given again. */
  skip(number: number): void {
    while (this.#byNumber.length <= number) this.#byNumber.push(undefined);
  }

  remove(number: number): void {
    this.#byNumber[number] = undefined;
  }

  *all(): Generator<[number, Member]> {
    for (const [number, member] of this.#byNumber.entries()) if (member !== undefined) yield [number, member];
  }
}
