import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import type { Nvram } from '../meter/nvram.ts';

const SLOT_BYTES = 512;
const LENGTH_BYTES = 2;

/**
 * NVRAM records of a whole town in one file, written in place, as the hardware does: a record torn by a power cut fails
 * its checksum, and its meter says HELLO.
 */
export class NvramFile {
  readonly #file: number;

  /** Opens or creates, readable by the owner alone. */
  constructor(path: string) {
    // append would ignore positions; 'r+' alone would not create
    closeSync(openSync(path, 'a', 0o600));
    this.#file = openSync(path, 'r+');
  }

  /** @param index number of the meter in the town */
  slot(index: number): Nvram {
    const at = index * SLOT_BYTES;
    return { read: () => this.#read(at), write: (record) => this.#write(at, record) };
  }

  #read(at: number): Buffer | undefined {
    const slot = Buffer.alloc(SLOT_BYTES);
    if (readSync(this.#file, slot, 0, SLOT_BYTES, at) < LENGTH_BYTES) return undefined;
    const length = slot.readUInt16BE(0);
    return length === 0 ? undefined : slot.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
  }

  #write(at: number, record: Buffer): void {
    if (record.length > SLOT_BYTES - LENGTH_BYTES) throw new RangeError(`an NVRAM record has at most ${SLOT_BYTES - LENGTH_BYTES} bytes`);
    const slot = Buffer.alloc(LENGTH_BYTES + record.length);
    slot.writeUInt16BE(record.length, 0);
    slot.set(record, LENGTH_BYTES);
    writeSync(this.#file, slot, 0, slot.length, at);
  }
}
