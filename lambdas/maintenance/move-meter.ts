import { meter } from '../../domain/enrolment/meter.ts';
import { SEGMENT_SIZE } from '../../domain/telemetry/membership.ts';
import { codeOf } from '../../events/errors.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { SegmentPlaces } from '../enrol/segment-places.ts';
import { finishMove, noteMove, placedMeter, UNDER_WAY } from '../shared/devices/moves.ts';
import { Segments } from '../shared/segments.ts';
import { foldStream } from '../shared/streams.ts';

/**
 * Moves a meter to another segment: it leaves the one with its windows, slots, registers and sequence numbers on record, and
 * joins the other with them. Between the two no segment takes its frames. Every step can be repeated: a run that broke off is
 * run again, or finished by `finishMoves`, or by the first frame that finds no home.
 * @param to five digits @throws ERR_METER_UNKNOWN, ERR_SEGMENT_FULL before anything has moved
 */
export async function moveMeter(platform: Platform, meterId: string, to: string): Promise<void> {
  // A move that broke off is finished as it began, whatever is asked for now.
  const from = await finishMove(platform, meterId);
  if (from === to) return;
  await leave(platform, new Segments(platform), meterId, { from, to });
  await finishMove(platform, meterId);
}

/** Finishes the moves that broke off. To be run now and then. @returns how many */
export async function finishMoves(platform: Platform): Promise<number> {
  let finished = 0;
  for await (const { key, value } of platform.directory.list(UNDER_WAY)) {
    if (value.length === 0) continue;
    await finishOrForget(platform, key.slice(UNDER_WAY.length));
    finished++;
  }
  return finished;
}

/** Of a meter that a restore took back altogether nothing is left to move. */
async function finishOrForget(platform: Platform, meterId: string): Promise<void> {
  try {
    await finishMove(platform, meterId);
  } catch (error) {
    if (codeOf(error) !== 'ERR_METER_UNKNOWN') throw error;
    await noteMove(platform.directory, meterId, '');
  }
}

/** Notes the moves that the segments' streams say broke off: after a restore the directory may not know of them. */
export async function noteBrokenMoves(platform: Platform): Promise<void> {
  const segments = new Segments(platform);
  for await (const stream of platform.events.streams('segment/')) {
    const id = stream.slice('segment/'.length);
    for (const [meterId, { toSegment }] of (await segments.load(id)).state.left) {
      const { state } = await foldStream(platform.events, `meter/${meterId}`, meter);
      if (state.status !== 'unknown' && state.segment === id) await noteMove(platform.directory, meterId, toSegment);
    }
  }
}

async function leave(
  platform: Platform,
  segments: Segments,
  meterId: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  const { members } = (await segments.load(to)).state;
  const places = await SegmentPlaces.open(platform);
  if (members.present >= SEGMENT_SIZE || !(await places.takeIn(to)))
    throw new JoulekeepError('ERR_SEGMENT_FULL', `no room in segment ${to}`);
  // Somebody else may have moved it meanwhile.
  if ((await placedMeter(platform, meterId)).segment !== from) return;
  await noteMove(platform.directory, meterId, to);
  await segments.execute(from, { type: 'LeaveMeter', meterId, toSegment: to, at: platform.clock.now() });
}
