import { meter } from '../../domain/enrolment/meter.ts';
import type { KnownMeter } from '../../domain/enrolment/meter-state.ts';
import { SEGMENT_SIZE } from '../../domain/telemetry/membership.ts';
import { JoulekeepError, type MemberStatus, type MeterLeft } from '../../events/index.ts';
import type { Directory, Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { SegmentPlaces } from '../enrol/segment-places.ts';
import { announce } from '../shared/known-meters.ts';
import { Segments } from '../shared/segments.ts';
import { foldStream, runDecider } from '../shared/streams.ts';

const UNDER_WAY = 'moving/';

interface Move {
  readonly platform: Platform;
  readonly segments: Segments;
  readonly meterId: string;
}

/**
 * Moves a meter to another segment: it leaves the one with its windows, slots, registers and sequence numbers on record, and
 * joins the other with them, pinned by the hash of the commit it left with. Between the two no segment takes its frames, and
 * the queue keeps them. Every step can be repeated: a run that broke off is run again, here or by `finishMoves`.
 * @param to five digits @throws ERR_METER_UNKNOWN, ERR_SEGMENT_FULL before anything has moved
 */
export async function moveMeter(platform: Platform, defences: Defences, meterId: string, to: string): Promise<void> {
  const move = { platform, segments: new Segments(platform, defences), meterId };
  const from = (await known(move)).segment!;
  const begun = await departure(move, from);
  if (from === to && begun === undefined) return arrive(move, to);
  if (begun === undefined) await leave(move, from, to);
  // A move that broke off, or that somebody else began just now, is finished as it began.
  const target = await join(move, from);
  await runDecider(platform.events, `meter/${meterId}`, meter, { type: 'MoveSegment', from, to: target });
  await arrive(move, target);
  if (target !== to) await moveMeter(platform, defences, meterId, to);
}

/** Finishes the moves that broke off. To be run now and then. @returns how many */
export async function finishMoves(platform: Platform, defences: Defences): Promise<number> {
  let finished = 0;
  for await (const { key, value } of platform.directory.list(UNDER_WAY)) {
    if (value.length === 0) continue;
    await moveMeter(platform, defences, key.slice(UNDER_WAY.length), value.toString());
    finished++;
  }
  return finished;
}

/** Moves that the segments' streams say broke off: after a restore the directory may not know of them. */
export async function noteBrokenMoves(platform: Platform, defences: Defences): Promise<void> {
  const segments = new Segments(platform, defences);
  for await (const stream of platform.events.streams('segment/')) {
    const id = stream.slice('segment/'.length);
    for (const [meterId, { toSegment }] of (await segments.load(id)).state.left) {
      const { state } = await foldStream(platform.events, `meter/${meterId}`, meter);
      if (state.status !== 'unknown' && state.segment === id) await mark(platform.directory, meterId, toSegment);
    }
  }
}

async function known({ platform, meterId }: Move): Promise<KnownMeter> {
  const { state } = await foldStream(platform.events, `meter/${meterId}`, meter);
  if (state.status === 'unknown' || state.segment === undefined)
    throw new JoulekeepError('ERR_METER_UNKNOWN', `${meterId} is in no segment`);
  return state;
}

async function departure({ segments, meterId }: Move, from: string) {
  return (await segments.load(from)).state.left.get(meterId);
}

async function leave({ platform, segments, meterId }: Move, from: string, to: string): Promise<void> {
  const { members } = (await segments.load(to)).state;
  const places = await SegmentPlaces.open(platform);
  if (members.present >= SEGMENT_SIZE || !(await places.takeIn(to)))
    throw new JoulekeepError('ERR_SEGMENT_FULL', `no room in segment ${to}`);
  await mark(platform.directory, meterId, to);
  await segments.execute(from, { type: 'LeaveMeter', meterId, toSegment: to, at: platform.clock.now() });
}

/** @returns where the meter is now */
async function join(move: Move, from: string): Promise<string> {
  const { left, chainHead } = await recordedDeparture(move, from);
  const { asset, relays, ...state } = await known(move);
  const carried = { segment: from, chainHead, state: left.state };
  const { meterId } = move;
  const at = move.platform.clock.now();
  const status = memberStatus(state);
  const standing = status === 'active' ? [] : [{ type: 'AmendMember' as const, meterId, status, at }];
  await move.segments.executeMany(left.toSegment, [{ type: 'JoinMeter', meterId, asset, relays, from: carried, at }, ...standing]);
  return left.toSegment;
}

/** @throws ERR_NOT_A_MEMBER when the meter never was in the segment */
async function recordedDeparture(move: Move, from: string): Promise<{ left: MeterLeft; chainHead: Buffer }> {
  const { meterId, platform } = move;
  const gone = await departure(move, from);
  if (gone === undefined) throw new JoulekeepError('ERR_NOT_A_MEMBER', `${meterId} is not in segment ${from}`);
  for await (const { events, head } of platform.events.read(`segment/${from}`, gone.version)) {
    for (const event of events) {
      if (event.type === 'MeterLeft' && event.data.meterId === meterId) return { left: event.data, chainHead: head.hash };
    }
    break;
  }
  throw new JoulekeepError('ERR_MOVE_LOST', `segment ${from} has deleted the departure of ${meterId}`);
}

/**
 * The last steps. What enrolment changed during the move was told to a segment that the meter had left: it is told again,
 * now that the meter's stream names the new one.
 */
async function arrive(move: Move, to: string): Promise<void> {
  const { platform, segments, meterId } = move;
  const { asset, relays, ...state } = await known(move);
  const { members } = (await segments.load(to)).state;
  const member = members.at(members.findId(meterId));
  const status = memberStatus(state);
  const told = member?.status === status && same(member.relays, relays) && same(member.asset, asset);
  if (!told) await segments.execute(to, { type: 'AmendMember', meterId, asset, relays, status, at: platform.clock.now() });
  await announce(platform.directory, [{ meterId, segment: to }]);
  await mark(platform.directory, meterId, '');
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function memberStatus({ status }: Pick<KnownMeter, 'status'>): MemberStatus {
  return status === 'enrolled' ? 'active' : status;
}

/** @param to empty = the move is over */
async function mark(directory: Directory, meterId: string, to: string): Promise<void> {
  await directory.put([{ key: UNDER_WAY + meterId, value: Buffer.from(to) }]);
}
