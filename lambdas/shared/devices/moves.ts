import { meter } from '../../../domain/enrolment/meter.ts';
import type { KnownMeter } from '../../../domain/enrolment/meter-state.ts';
import { JoulekeepError, type MemberStatus, type MeterLeft } from '../../../events/index.ts';
import type { Directory, Platform } from '../../../platform/ports/platform.ts';
import { Segments } from '../segments.ts';
import { foldStream, runDecider } from '../streams.ts';
import { announce } from './known-meters.ts';

/** Directory prefix: moves that began and are perhaps not over, by meter; an empty value = over. */
export const UNDER_WAY = 'moving/';

/**
 * Does what is left of a move after the meter has left its segment: it joins the other with what it left with, pinned by the
 * hash of the commit it left with; its own stream and the directory follow. Whoever finds a move half done may finish it, and
 * several at once do no harm. Where nothing is half done, only the directory is put right.
 * @returns where the meter is now @throws ERR_METER_UNKNOWN
 */
export async function finishMove(platform: Platform, meterId: string): Promise<string> {
  const segments = new Segments(platform);
  const from = (await placedMeter(platform, meterId)).segment;
  const gone = (await segments.load(from)).state.left.get(meterId);
  let to = from;
  if (gone !== undefined) {
    const { left, chainHead } = await recordedDeparture(platform, from, meterId, gone.version);
    to = left.toSegment;
    await join(platform, segments, { segment: from, chainHead, left });
    await runDecider(platform.events, `meter/${meterId}`, meter, { type: 'MoveSegment', from, to });
  }
  await arrive(platform, segments, meterId, to);
  return to;
}

/** @throws ERR_METER_UNKNOWN when it is in no segment */
export async function placedMeter(platform: Platform, meterId: string): Promise<KnownMeter & { readonly segment: string }> {
  const { state } = await foldStream(platform.events, `meter/${meterId}`, meter);
  if (state.status === 'unknown' || state.segment === undefined)
    throw new JoulekeepError('ERR_METER_UNKNOWN', `${meterId} is in no segment`);
  return { ...state, segment: state.segment };
}

/** @param to empty = the move is over */
export async function noteMove(directory: Directory, meterId: string, to: string): Promise<void> {
  await directory.put([{ key: UNDER_WAY + meterId, value: Buffer.from(to) }]);
}

interface Departed {
  readonly segment: string;
  readonly chainHead: Buffer;
  readonly left: MeterLeft;
}

async function join(platform: Platform, segments: Segments, { segment, chainHead, left }: Departed): Promise<void> {
  const { meterId, toSegment, state } = left;
  const meterNow = await placedMeter(platform, meterId);
  const { asset, relays } = meterNow;
  const at = platform.clock.now();
  const status = memberStatus(meterNow);
  const standing = status === 'active' ? [] : [{ type: 'AmendMember' as const, meterId, status, at }];
  const joins = { type: 'JoinMeter' as const, meterId, asset, relays, from: { segment, chainHead, state }, at };
  await segments.executeMany(toSegment, [joins, ...standing]);
}

/** @throws ERR_MOVE_LOST when the segment has deleted that part of its stream */
async function recordedDeparture(
  platform: Platform,
  segment: string,
  meterId: string,
  version: number,
): Promise<{ left: MeterLeft; chainHead: Buffer }> {
  const lost = new JoulekeepError('ERR_MOVE_LOST', `segment ${segment} has deleted the departure of ${meterId}`);
  if (version <= ((await platform.events.anchor(`segment/${segment}`))?.head.version ?? -1)) throw lost;
  for await (const { events, head } of platform.events.read(`segment/${segment}`, version)) {
    for (const event of events) {
      if (event.type === 'MeterLeft' && event.data.meterId === meterId) return { left: event.data, chainHead: head.hash };
    }
    break;
  }
  throw lost;
}

/**
 * The last steps. What enrolment changed during the move was told to a segment that the meter had left: it is told again,
 * now that the meter's stream names the new one.
 */
async function arrive(platform: Platform, segments: Segments, meterId: string, to: string): Promise<void> {
  const meterNow = await placedMeter(platform, meterId);
  // Moved on meanwhile: whoever did that does the rest.
  if (meterNow.segment !== to) return;
  const { asset, relays } = meterNow;
  const status = memberStatus(meterNow);
  const { members } = (await segments.load(to)).state;
  const member = members.at(members.findId(meterId));
  const told = member?.status === status && same(member.relays, relays) && same(member.asset, asset);
  if (!told) await segments.execute(to, { type: 'AmendMember', meterId, asset, relays, status, at: platform.clock.now() });
  await announce(platform.directory, [{ meterId, segment: to }]);
  await noteMove(platform.directory, meterId, '');
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function memberStatus({ status }: KnownMeter): MemberStatus {
  return status === 'enrolled' ? 'active' : status;
}
