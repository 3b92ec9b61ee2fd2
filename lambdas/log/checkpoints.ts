import type { Kms } from '../../platform/ports/kms.ts';
import type { ObjectStore } from '../../platform/ports/platform.ts';
import { generationsOf } from '../../platform/ports/signatures.ts';
import { checkpointNote, checkpointText, type LogCheckpoint, openCheckpoint } from '../../protocol/log/checkpoint.ts';
import { CHECKPOINT_KEY, CHECKPOINTS, checkpointPlace, LATEST, LOG_ORIGIN, signedPlace } from './places.ts';

/** Signs where the log stands. @returns the note */
export async function signCheckpoint(kms: Kms, checkpoint: Omit<LogCheckpoint, 'origin'>): Promise<string> {
  const named = { origin: LOG_ORIGIN, ...checkpoint };
  // A generation that comes between the two signs what the other one can't verify: then nothing is published.
  const signature = await kms.sign(CHECKPOINT_KEY, Buffer.from(checkpointText(named)));
  const publicKey = await kms.getPublicKey(CHECKPOINT_KEY);
  const note = checkpointNote(named, signature, publicKey);
  openCheckpoint(note, LOG_ORIGIN, [publicKey]);
  return note;
}

/** A checkpoint that the log's key signed, of whatever generation. @throws ProtocolRefusal ERR_LOG_REFUSED */
export async function readCheckpoint(kms: Kms, note: Buffer | string): Promise<LogCheckpoint> {
  return openCheckpoint(note.toString(), LOG_ORIGIN, await generationsOf(kms, CHECKPOINT_KEY));
}

/** The newest one; undefined for a log that has none. @throws ProtocolRefusal ERR_LOG_REFUSED */
export async function latestCheckpoint(objects: Pick<ObjectStore, 'get'>, kms: Kms): Promise<LogCheckpoint | undefined> {
  const note = await objects.get(LATEST);
  return note === undefined ? undefined : await readCheckpoint(kms, note);
}

/** Makes the note what the log is, and keeps it under its size. What broke off in between is finished by `keepLatest`. */
export async function publish(objects: Pick<ObjectStore, 'get' | 'put'>, note: string, size: number): Promise<void> {
  await objects.put(LATEST, Buffer.from(note));
  await keepLatest(objects, size);
}

/** Keeps the newest note under its size, and its size under when it was signed, unless one of that size is there. */
export async function keepLatest(objects: Pick<ObjectStore, 'get' | 'put'>, size: number): Promise<void> {
  const note = await objects.get(LATEST);
  if (note === undefined || (await objects.get(checkpointPlace(size))) !== undefined) return;
  // First, so that whatever is kept has a place in time.
  await objects.put(signedPlace(signedAt(note), size), Buffer.alloc(0));
  await objects.put(checkpointPlace(size), note);
}

/** Sizes of all checkpoints that are kept, rising. */
export async function checkpointSizes(objects: Pick<ObjectStore, 'list'>): Promise<readonly number[]> {
  return (await objects.list(CHECKPOINTS)).map((key) => Number(key.slice(CHECKPOINTS.length))).sort((a, b) => a - b);
}

/** Size of the last checkpoint that was signed at a moment or before, found by halves; 0 where none was. @param at UTC ms @param signed when that of a size was */
export async function sizeSignedBy(sizes: readonly number[], at: number, signed: (size: number) => Promise<number>): Promise<number> {
  let [low, high] = [0, sizes.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((await signed(sizes[middle]!)) <= at) low = middle + 1;
    else high = middle;
  }
  return sizes[low - 1] ?? 0;
}

/** By its own word. @returns UTC ms */
export function signedAt(note: Buffer): number {
  return Number(note.toString().split('\n')[3]);
}
