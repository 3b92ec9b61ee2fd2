import { partsOfDay } from '../../domain/usagepoint/day-parts.ts';
import { multiplierOf } from '../../domain/usagepoint/multipliers.ts';
import { capacityCounts } from '../../domain/vee/channel-day.ts';
import { VEE_POLICIES, type VeePolicy } from '../../domain/vee/policy.ts';
import { type AssetRecord, type Channel, type CollectedChannel, type DayFrame, type RegisterRead, UTILITY } from '../../events/index.ts';
import type { SubjectKey } from '../../platform/ports/event-store.ts';
import { type LocalDay, meterDayStream } from '../shared/days/local-days.ts';
import type { MeterPoint } from '../shared/days/points.ts';
import type { DayBucket } from './day-bucket.ts';
import type { RosterMember } from './roster.ts';

/** One stream of a meter's day: whose it is, from when to when, and by which policy it is judged. */
export interface DayPlace {
  readonly frame: DayFrame;
  readonly stream: string;
  readonly subject: SubjectKey;
  readonly policy: VeePolicy;
  readonly asset: AssetRecord;
  /** In the order of the asset's channels, with the multipliers in force. */
  readonly channels: readonly Channel[];
  /** Registers that were read when the meter came or went, where this is its first or last part here. */
  readonly initial?: readonly RegisterRead[];
  readonly final?: readonly RegisterRead[];
  /** Spans of it without supply by the utility's doing, UTC s. */
  readonly disconnected?: readonly { readonly from: number; readonly until: number }[];
  /** Who said last what a count is worth here, and why; absent where the asset record says it. */
  readonly corrected?: { readonly reason: string; readonly by: string };
}

/**
 * Where a meter's day lies: one place, more when a tenancy, an installation or a corrected multiplier divides the day. A meter that was never installed at
 * a usage point is the utility's own, under its own name.
 */
export function placesOf(member: RosterMember, points: readonly MeterPoint[], day: LocalDay): DayPlace[] {
  const spans = points.length === 0 ? [unplaced(member, day)] : spansOf(points, day);
  return spans.map((span) => placeOf(member, span, day));
}

interface Span {
  readonly number: number;
  readonly point: MeterPoint | undefined;
  readonly asset: AssetRecord;
  readonly subject: string;
  /** UTC s. */
  readonly start: number;
  readonly end: number;
  readonly initial?: readonly RegisterRead[];
  readonly final?: readonly RegisterRead[];
}

function unplaced({ asset }: RosterMember, { start, end }: LocalDay): Span {
  return { number: 1, point: undefined, asset, subject: UTILITY, start, end };
}

function spansOf(points: readonly MeterPoint[], day: LocalDay): Span[] {
  return partsOfDay(points, day.start * 1000, day.end * 1000).map(({ number, stay, held, subject, from, until }) => {
    const { asset, initial, final } = held;
    return {
      ...{ number, point: stay, asset, subject, start: from / 1000, end: until / 1000 },
      ...(initial !== undefined && from === held.from ? { initial } : {}),
      ...(final !== undefined && until === held.until ? { final } : {}),
    };
  });
}

function placeOf({ meterId, asset: enrolled }: RosterMember, span: Span, { day }: LocalDay): DayPlace {
  const { number: part, point, asset, subject, start, end, initial, final } = span;
  const frame = {
    usagePoint: point?.usagePoint ?? meterId,
    meterId,
    day,
    part,
    subject,
    start,
    end,
    minutes: asset.intervalMinutes,
    zone: enrolled.zone,
  };
  return {
    frame,
    stream: meterDayStream(meterId, day, part),
    subject: { of: 'usage', subject, month: day.slice(0, 7) },
    policy: VEE_POLICIES[point?.meterClass ?? 'residential'],
    asset,
    channels: channelsAt(asset, point, start),
    ...(initial && { initial }),
    ...(final && { final }),
    ...correctionAt(point, start),
    ...disconnectedIn(point, start, end),
  };
}

function disconnectedIn(point: MeterPoint | undefined, start: number, end: number): Pick<DayPlace, 'disconnected'> {
  if (point?.disconnected === undefined) return {};
  const spans = point.disconnected.map(({ from, until = Infinity }) => ({
    from: Math.max(from / 1000, start),
    until: Math.min(until / 1000, end),
  }));
  return { disconnected: spans.filter(({ from, until }) => from < until) };
}

/** Who closes days without anybody's word. */
const CLOSING = 'close-day';

function correctionAt(point: MeterPoint | undefined, start: number): Pick<DayPlace, 'corrected'> {
  const last = point?.multipliers.findLast(({ from }) => from / 1000 <= start);
  if (last === undefined) return {};
  return { corrected: { reason: last.reason ?? 'multiplier', by: last.by ?? CLOSING } };
}

function channelsAt(asset: AssetRecord, point: MeterPoint | undefined, start: number): readonly Channel[] {
  if (point === undefined || point.multipliers.length === 0) return asset.channels;
  return asset.channels.map((channel, number) => {
    return { ...channel, multiplier: multiplierOf(channel, number, point.multipliers, start * 1000) };
  });
}

const NOTHING = new Uint8Array(0);

/**
 * The part of a bucket that belongs to a place, as it is recorded: every channel of the meter, also one of which nothing came.
 * @param bucket undefined when nothing was read: only registers that persons read are told then
 */
export function collectedFor(
  { frame, asset, channels, policy, initial, final }: DayPlace,
  bucket: DayBucket | undefined,
): CollectedChannel[] {
  return channels.map((channel, number) => {
    const perCount = channel.scale * channel.multiplier;
    const lane = bucket && laneColumns(bucket, frame, number, 10 ** channel.dials);
    const { registerBefore = -1, ...columns } = lane ?? { records: NOTHING, annotations: NOTHING, heads: NOTHING };
    const [first, last] = [initial, final].map((reads) => reads?.find((read) => read.channel === number)?.counts);
    return {
      channel: number,
      asset: channel,
      capacity: capacityCounts(asset.fuseW, frame.minutes, perCount, policy.validation.fuseTolerance),
      ...columns,
      registerBefore: registerBefore < 0 ? (first ?? -1) : registerBefore,
      ...(last === undefined ? {} : { registerAfter: last }),
    };
  });
}

type LaneColumns = Pick<CollectedChannel, 'records' | 'annotations' | 'heads' | 'registerBefore' | 'offGrid'>;

function laneColumns(bucket: DayBucket, frame: DayFrame, number: number, modulus: number): LaneColumns {
  const step = frame.minutes * 60;
  const from = (frame.start - bucket.start) / step;
  const lane = bucket.lanes[number]!;
  const offGrid = lane.offGrid.some((end) => end > frame.start && end <= frame.end);
  return {
    ...lane.records(from, (frame.end - bucket.start) / step, modulus),
    heads: lane.heads(frame.start, frame.end),
    registerBefore: lane.registerAt(from - 1, modulus),
    ...(offGrid ? { offGrid: true as const } : {}),
  };
}
