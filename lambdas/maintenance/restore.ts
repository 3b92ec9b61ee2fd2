import { currentEpoch, liveEpoch } from '../../domain/enrolment/ladder.ts';
import { meter } from '../../domain/enrolment/meter.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { rebuildAssignees } from '../edit/assignees.ts';
import { rebuildPoints } from '../register/point-projection.ts';
import * as agenda from '../shared/devices/agenda.ts';
import { announce } from '../shared/devices/known-meters.ts';
import { behindFence, raiseFence, restoreFence } from '../shared/restore-fence.ts';
import { foldStream } from '../shared/streams.ts';
import { deriveActivations } from './activations.ts';
import { finishMoves, noteBrokenMoves } from './move-meter.ts';
import { sayAgain } from './say-again.ts';

const CHUNK = 1_024;
const ROUTE = 'route/';

/**
 * To be run once after the event store was restored from a backup, before anything else runs. From then on no meter
 * is sent anything but the handshake until it has an epoch younger than the restore: sequence numbers that the backup has
 * forgotten can't be given twice under one key. What customers took back stays taken back, erasures stay asked for, and devices that were cut off stay so. Activations are derived from the segments again, every meter that has a route or
 * a stream gets onto the agenda, and the directory, which was not restored, follows the streams: routes, moves that
 * the backup caught half done, where meters are and whose they are, who looks after which row. What says how far somebody is counts no more by the fence itself (`sinceRestore`).
 * @returns meters that wait for a new epoch @source X.1332 8 (replay), protocol.md (downlink)
 */
export async function afterRestore(platform: Platform): Promise<number> {
  const now = platform.clock.now();
  await raiseFence(platform.directory, now);
  // Before anything is disclosed by it, or ingested.
  await sayAgain(platform);
  for await (const stream of platform.events.streams('segment/')) await deriveActivations(platform, stream.slice('segment/'.length));
  await followStreams(platform);
  const meterIds = new Set<string>();
  // Those whose stream began since are known where routes are. The key table is nobody's to look through.
  for await (const { key } of platform.directory.list(ROUTE)) meterIds.add(key.slice(ROUTE.length));
  for await (const stream of platform.events.streams('meter/')) meterIds.add(stream.slice('meter/'.length));
  await agenda.note(
    platform.directory,
    [...meterIds].map((who) => ({ who, at: now + 1 })),
  );
  return meterIds.size;
}

async function followStreams(platform: Platform): Promise<void> {
  const routes: { meterId: string; segment: string }[] = [];
  for await (const stream of platform.events.streams('meter/')) {
    const { state } = await foldStream(platform.events, stream, meter);
    if (state.status !== 'unknown' && state.segment !== undefined) routes.push({ meterId: state.meterId, segment: state.segment });
    if (routes.length === CHUNK) await announce(platform.directory, routes.splice(0));
  }
  if (routes.length > 0) await announce(platform.directory, routes);
  await noteBrokenMoves(platform);
  await finishMoves(platform);
  await rebuildPoints(platform);
  await rebuildAssignees(platform);
}

/** Active meters that have had no new epoch since the last restore. */
export async function awaitingNewEpoch(platform: Platform): Promise<string[]> {
  const fence = await restoreFence(platform.directory);
  const waiting: string[] = [];
  for await (const stream of platform.events.streams('meter/')) {
    const { state } = await foldStream(platform.events, stream, meter);
    if (state.status !== 'active') continue;
    const current = currentEpoch(state);
    const proposedAt = current === undefined ? undefined : liveEpoch(state.ladder, current)?.proposedAt;
    if (proposedAt === undefined || behindFence(fence, proposedAt)) waiting.push(state.meterId);
  }
  return waiting;
}
