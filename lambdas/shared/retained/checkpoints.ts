import { Decoder, Encoder } from 'cbor-x/index-no-eval';
import type { SegmentState } from '../../../domain/telemetry/segment-state.ts';
import { restoreSnapshot, type SegmentSnapshot, SHAPE, takeSnapshot } from '../../../domain/telemetry/snapshot.ts';
import { type DomainEvent, JoulekeepError, type SegmentCheckpointed } from '../../../events/index.ts';
import type { StreamHead } from '../../../platform/ports/event-store.ts';
import type { Platform } from '../../../platform/ports/platform.ts';
import { openBody, sealSegmentBody, sha256 } from './sealed-body.ts';

const encoder = new Encoder({ useRecords: false, tagUint8Array: false });
const decoder = new Decoder({ useRecords: false });

interface Stand {
  readonly id: string;
  readonly state: SegmentState;
  head: StreamHead;
  readonly settled: Promise<unknown>;
}

/**
 * Writes the segment's state to the object store, sealed, and records its hash and the chain head it covers, signed. The
 * state is taken now and recorded once every commit it contains is durable.
 * @source X.1332 10.1: stored data confidential and intact
 */
export async function writeCheckpoint(
  platform: Platform,
  stand: Stand,
  record: (events: readonly DomainEvent[]) => Promise<unknown>,
): Promise<void> {
  const { head } = stand;
  const at = platform.clock.now();
  const snapshot = encodeSnapshot(takeSnapshot(stand.state));
  await stand.settled;
  const body = await sealSegmentBody(platform, stand.id, snapshot);
  const bodyHash = sha256(body);
  const data = { covers: head.version, chainHead: head.hash, bodyHash, at };
  const signature = await platform.kms.sign('checkpoint', signedBytes(stand.id, data));
  await platform.objects.put(checkpointObject(bodyHash), body);
  await record([{ type: 'SegmentCheckpointed', data: { ...data, signature } }]);
  const place = encoder.encode({ ...data, signature });
  await platform.directory.put([{ key: `segment-checkpoint/${stand.id}`, value: place }]);
}

/** A segment as it stood at a version. */
export interface Standing {
  readonly state: SegmentState;
  readonly head: StreamHead;
}

/** What reading a body takes. */
export type BodyReader = Pick<Platform, 'events' | 'objects' | 'kms' | 'keys'>;

/**
 * The latest checkpoint whose body is there and whole; where the directory knows of none, the one behind which the stream's
 * beginning was deleted. undefined means: fold from the start.
 */
export async function readCheckpoint(platform: Platform, id: string): Promise<Standing | undefined> {
  const place = await platform.directory.get(`segment-checkpoint/${id}`);
  const latest =
    place === undefined || place.length === 0 ? undefined : await standingAt(platform, id, decoder.decode(place) as SegmentCheckpointed);
  return latest ?? (await readAnchored(platform, id));
}

/** The segment where what is kept of its stream begins, or soon after; undefined when all of it is kept. @throws ERR_CHECKPOINT_LOST */
export async function readAnchored(platform: BodyReader, id: string): Promise<Standing | undefined> {
  const anchor = await platform.events.anchor(`segment/${id}`);
  if (anchor === undefined) return undefined;
  const snapshot = await snapshotOf(platform, id, anchor.body);
  if (snapshot !== undefined && snapshot.version === anchor.head.version) return { state: restoreSnapshot(snapshot), head: anchor.head };
  return await oldestSurviving(platform, id, anchor.head.version + 1);
}

/** A backup that was put back stands on a checkpoint that has been superseded since: the next one there is does as well. */
async function oldestSurviving(platform: BodyReader, id: string, from: number): Promise<Standing> {
  for await (const commit of platform.events.read(`segment/${id}`, from)) {
    for (const event of commit.events) {
      if (event.type !== 'SegmentCheckpointed') continue;
      const { covers, chainHead, bodyHash } = event.data;
      const snapshot = await snapshotOf(platform, id, bodyHash);
      if (snapshot === undefined || snapshot.version !== covers) continue;
      return { state: restoreSnapshot(snapshot), head: { stream: commit.stream, version: covers, hash: Buffer.from(chainHead) } };
    }
  }
  throw new JoulekeepError('ERR_CHECKPOINT_LOST', `segment ${id}: no checkpoint is left that its deleted commits stand on`);
}

/** A recorded checkpoint, if its body is there, whole and of today's shape. */
async function standingAt(platform: Platform, id: string, checkpoint: SegmentCheckpointed): Promise<Standing | undefined> {
  const snapshot = await snapshotOf(platform, id, checkpoint.bodyHash);
  if (snapshot === undefined || snapshot.version !== checkpoint.covers || !(await isRecorded(platform, id, checkpoint))) return undefined;
  const head = { stream: `segment/${id}`, version: checkpoint.covers, hash: Buffer.from(checkpoint.chainHead) };
  return { state: restoreSnapshot(snapshot), head };
}

/** What a body holds; undefined when it is gone, another, or of another shape. @param bodyHash SHA-256 */
export async function snapshotOf(
  platform: Pick<Platform, 'objects' | 'kms' | 'keys'>,
  id: string,
  bodyHash: Uint8Array,
): Promise<SegmentSnapshot | undefined> {
  const body = await platform.objects.get(checkpointObject(bodyHash));
  if (body === undefined || !sha256(body).equals(bodyHash)) return undefined;
  const opened = await openBody(platform, id, body);
  if (opened === undefined) return undefined;
  const snapshot = decodeSnapshot(opened);
  return snapshot.shape === SHAPE ? snapshot : undefined;
}

/** Plaintext of a body. */
export function encodeSnapshot(snapshot: SegmentSnapshot): Buffer {
  return encoder.encode(snapshot);
}

export function decodeSnapshot(body: Buffer): SegmentSnapshot {
  return decoder.decode(body) as SegmentSnapshot;
}

/** The directory only points; that the checkpoint is a fact is read from the stream itself. */
async function isRecorded(platform: Platform, id: string, checkpoint: SegmentCheckpointed): Promise<boolean> {
  const kept = (await platform.events.anchor(`segment/${id}`))?.head.version ?? -1;
  if (checkpoint.covers < kept) return false;
  for await (const commit of platform.events.read(`segment/${id}`, checkpoint.covers + 1)) {
    const found = commit.events.some((e) => e.type === 'SegmentCheckpointed' && Buffer.from(checkpoint.bodyHash).equals(e.data.bodyHash));
    if (found) return true;
  }
  return false;
}

/** Bytes a checkpoint signature covers: context, segment, version, chain head, body hash, time. */
export function signedBytes(id: string, data: Omit<SegmentCheckpointed, 'signature'>): Buffer {
  const head = Buffer.from(`JK1 checkpoint\0${id}\0${data.covers}\0${data.at}\0`);
  return Buffer.concat([head, data.chainHead, data.bodyHash]);
}

/** Object of a checkpoint's body. @param hash SHA-256 */
export function checkpointObject(hash: Uint8Array): string {
  return `checkpoints/${Buffer.from(hash).toString('hex')}`;
}
