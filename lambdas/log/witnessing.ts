import type { Directory, ObjectStore } from '../../platform/ports/platform.ts';
import type { Witness } from '../../platform/ports/witness.ts';
import { encodeEntry } from '../../protocol/log/entry.ts';
import type { LogFiles } from './log-files.ts';
import { LATEST } from './places.ts';

/** Up to which size of the log the witness has it: a hint, which the witness itself confirms. */
const WITNESSED = 'log/witnessed';
const DIGITS = 16;
/** Entries of one object, at most. */
const PIECE = 10_000;

const padded = (size: number): string => String(size).padStart(DIGITS, '0');

/** Where a witness keeps checkpoints. */
export const WITNESSED_CHECKPOINTS = 'checkpoint/';
/** Where a witness keeps the checkpoint of this size: in the order of sizes. */
export const witnessedCheckpoint = (size: number): string => WITNESSED_CHECKPOINTS + padded(size);

/** Where a witness keeps entries. */
export const WITNESSED_ENTRIES = 'entries/';
/** Where it keeps these, from the first one's number on. */
const witnessedEntries = (from: number, to: number): string => `${WITNESSED_ENTRIES}${padded(from)}-${padded(to)}`;

export interface Witnessing {
  readonly witness: Witness;
  readonly objects: Pick<ObjectStore, 'get'>;
  readonly directory: Directory;
  readonly files: LogFiles;
}

/**
 * Brings the witness what it hasn't of a log of this size: the entries, then the checkpoint over them. Again it finishes what broke off; what
 * lies there already stays as it is.
 */
export async function bringWitness({ witness, objects, directory, files }: Witnessing, size: number): Promise<void> {
  const witnessed = await witnessedSize({ witness, directory }, size);
  if (witnessed === size) return;
  let from = witnessed;
  let piece: Buffer[] = [];
  const put = async () => {
    if (piece.length > 0) await witness.put(witnessedEntries(from, from + piece.length), Buffer.concat(piece));
    from += piece.length;
    piece = [];
  };
  for await (const entry of files.entries(witnessed, size)) {
    piece.push(encodeEntry(entry));
    if (piece.length === PIECE) await put();
  }
  await put();
  const note = await objects.get(LATEST);
  if (note !== undefined) await witness.put(witnessedCheckpoint(size), note);
  await directory.put([{ key: WITNESSED, value: Buffer.from(String(size)) }]);
}

/** The largest size up to `size` of which the witness has a checkpoint, and so all entries. A mark that it does not bear out counts for nothing. */
async function witnessedSize({ witness, directory }: Pick<Witnessing, 'witness' | 'directory'>, size: number): Promise<number> {
  const marked = Number((await directory.get(WITNESSED))?.toString() ?? 0);
  if (marked <= size && (await witness.get(witnessedCheckpoint(marked))) !== undefined) return marked;
  const sizes = (await witness.list(WITNESSED_CHECKPOINTS)).map((key) => Number(key.slice(WITNESSED_CHECKPOINTS.length)));
  return sizes.findLast((one) => one <= size) ?? 0;
}
