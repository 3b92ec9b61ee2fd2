import { readFile } from 'node:fs/promises';
import { CHECKPOINT_KEY, CHECKPOINTS, LATEST, LOG_ORIGIN } from '../../lambdas/log/places.ts';
import { WITNESSED_CHECKPOINTS } from '../../lambdas/log/witnessing.ts';
import type { Kms } from '../../platform/ports/kms.ts';
import type { ObjectStore } from '../../platform/ports/platform.ts';
import { generationsOf } from '../../platform/ports/signatures.ts';
import type { Witness } from '../../platform/ports/witness.ts';
import { type LogCheckpoint, openCheckpoint } from '../../protocol/log/checkpoint.ts';
import { ProtocolRefusal } from '../../protocol/refusal.ts';

/** What somebody has of the log: a checkpoint, and from whom. */
export interface Claim {
  /** Who says so: a key of an object, a file, a place of the witness. */
  readonly by: string;
  readonly checkpoint: LogCheckpoint;
}

export interface Claims {
  /** What the log itself says it is. */
  readonly latest?: LogCheckpoint;
  readonly all: readonly Claim[];
  /** Of these, the witness's. */
  readonly witnessed: readonly Claim[];
  /** What says it is a checkpoint of this log, and is not signed by its key. */
  readonly unsigned: readonly string[];
}

export interface ClaimSources {
  readonly objects: Pick<ObjectStore, 'get' | 'list'>;
  readonly kms: Kms;
  /** Files of checkpoints that were exported. */
  readonly files?: readonly string[];
  readonly witness?: Witness;
}

/** Every checkpoint there is: the log's own, exported ones, those of the witness. */
export async function readClaims({ objects, kms, files = [], witness }: ClaimSources): Promise<Claims> {
  const all: Claim[] = [];
  const unsigned: string[] = [];
  const publicKeys = await generationsOf(kms, CHECKPOINT_KEY);
  const read = async (by: string, note: Buffer | undefined) => {
    if (note === undefined) return;
    try {
      all.push({ by, checkpoint: openCheckpoint(note.toString(), LOG_ORIGIN, publicKeys) });
    } catch (error) {
      if (!(error instanceof ProtocolRefusal)) throw error;
      unsigned.push(by);
    }
  };
  for (const key of [LATEST, ...(await objects.list(CHECKPOINTS))]) await read(key, await objects.get(key));
  for (const file of files) await read(file, await readFile(file));
  const own = all.length;
  for (const key of (await witness?.list(WITNESSED_CHECKPOINTS)) ?? []) await read(`witness ${key}`, await witness?.get(key));
  const latest = all.find(({ by }) => by === LATEST)?.checkpoint;
  return { ...(latest && { latest }), all, witnessed: all.slice(own), unsigned };
}
