import { isDeepStrictEqual } from 'node:util';
import { foldCommit } from '../../domain/telemetry/fold.ts';
import { SegmentState } from '../../domain/telemetry/segment-state.ts';
import { type SegmentSnapshot, takeSnapshot } from '../../domain/telemetry/snapshot.ts';
import type { SegmentCheckpointed } from '../../events/index.ts';
import type { StreamHead } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { signedBy } from '../../platform/ports/signatures.ts';
import { decodeSnapshot, encodeSnapshot, readAnchored, signedBytes, snapshotOf } from '../shared/retained/checkpoints.ts';
import { keptFrom } from '../shared/retained/kept-commits.ts';
import type { Kept } from './trim-segment.ts';

export interface CheckedCheckpoint {
  /** Head that it covers. */
  readonly head: StreamHead;
  /** Bodies of the checkpoints that lie before it. */
  readonly bodies: readonly Uint8Array[];
  /** Meters that had left for another segment. */
  readonly left: readonly string[];
  readonly fault?: Kept;
}

/**
 * Holds a checkpoint against the commits that it is to stand in for. Reading them checks every tag and link of their chain; folded
 * on top of what the stream stands on, they must come to the same state, at the same chain head, under a signature that is ours.
 */
export async function checkCheckpoint(platform: Platform, segment: string, checkpoint: SegmentCheckpointed): Promise<CheckedCheckpoint> {
  const stream = `segment/${segment}`;
  const { covers, bodyHash } = checkpoint;
  const start = await readAnchored(platform, segment);
  const from = await keptFrom(platform.events, stream);
  const state = start?.state ?? new SegmentState();
  const bodies: Uint8Array[] = [];
  let head: StreamHead = { stream, version: from - 1, hash: start?.head.hash ?? Buffer.alloc(32) };
  for await (const commit of platform.events.read(stream, from)) {
    if (commit.version > covers) break;
    head = commit.head;
    for (const event of commit.events) if (event.type === 'SegmentCheckpointed') bodies.push(event.data.bodyHash);
    if (commit.version <= state.version) continue;
    foldCommit(state, commit.version, commit.events);
    state.version = commit.head.version;
  }
  const checked = { head, bodies: bodies.filter((body) => !Buffer.from(body).equals(bodyHash)), left: [...state.left.keys()] };
  const fault = await faultOf(platform, segment, checkpoint, head, state);
  return fault === undefined ? checked : { ...checked, fault };
}

async function faultOf(
  platform: Platform,
  segment: string,
  checkpoint: SegmentCheckpointed,
  head: StreamHead,
  state: SegmentState,
): Promise<Kept | undefined> {
  const { covers, chainHead, bodyHash, signature } = checkpoint;
  if (head.version !== covers || !head.hash.equals(chainHead)) return 'checkpoint-differs';
  if (!(await signedBy(platform.kms, 'checkpoint', signedBytes(segment, checkpoint), signature))) return 'checkpoint-unsigned';
  const snapshot = await snapshotOf(platform, segment, bodyHash);
  if (snapshot === undefined) return 'body-lost';
  return isDeepStrictEqual(comparable(snapshot), comparable(takeSnapshot(state))) ? undefined : 'checkpoint-differs';
}

/** As it would lie in an object, whatever the order in which concentrators and departures came to be known. */
function comparable(snapshot: SegmentSnapshot): SegmentSnapshot {
  const batches = snapshot.batches.toSorted((a, b) => (a.dcId < b.dcId ? -1 : 1));
  const left = snapshot.left.toSorted((a, b) => (a.meterId < b.meterId ? -1 : 1));
  return decodeSnapshot(encodeSnapshot({ ...snapshot, batches, left }));
}
