import type { Directory } from '../../platform/ports/platform.ts';

const KEY = 'restore/fence';

/**
 * After the event store was restored from a backup, downlink sequence numbers may be given twice under an old epoch's
 * key. So nothing but the handshake goes to a meter until its epoch is younger than the restore.
 * @returns UTC ms of the last restore, 0 for none
 */
export async function restoreFence(directory: Directory): Promise<number> {
  const value = await directory.get(KEY);
  return value === undefined ? 0 : Number(value.toString());
}

/** @param epochCreatedAt when the epoch was proposed, UTC ms (`createdAt` of its key row) */
export function behindFence(fence: number, epochCreatedAt: number): boolean {
  return epochCreatedAt <= fence;
}

/** Raises the fence to `at`; it never goes back. */
export async function raiseFence(directory: Directory, at: number): Promise<void> {
  const fence = Math.max(at, await restoreFence(directory));
  await directory.put([{ key: KEY, value: Buffer.from(String(fence)) }]);
}

/**
 * Where notes lie that say how far somebody is with the streams, or what of them is done with: elsewhere after each restore, for the directory is not
 * put back and the streams are not as far any more. So everybody begins as without a note, and what was noted before counts for nothing.
 * @param place a key, or what keys begin with
 */
export async function sinceRestore(directory: Directory, place: string): Promise<string> {
  const fence = await restoreFence(directory);
  return fence === 0 ? place : `${place}~${fence}/`;
}
