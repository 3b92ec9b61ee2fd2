import { closeSync, existsSync, fstatSync, fsyncSync, ftruncateSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { MemorySpool, type Spool, type SpooledBatch, type SpooledFrame } from './spool.ts';

const ENTRY = { frame: 1, close: 2, remove: 3, start: 4 } as const;
const HEAD_BYTES = 5;
const CHECK_BYTES = 4;
const COMPACT_ABOVE_BYTES = 4 * 1024 * 1024;

/**
 * A spool in one append-only file. Entries are `type u8, length u32, body, crc32`; what follows the first entry that
 * does not check is cut off at opening (the torn end of a crash). A process that is killed loses nothing it appended,
 * a power cut nothing before the last `sync`. When most of the file is dead, the living entries move to a new one.
 */
export class DiskSpool implements Spool {
  readonly #path: string;
  #memory = new MemorySpool();
  #file: number;
  #size = 0;

  /** Opens or creates. @throws when the file can't be written */
  constructor(path: string) {
    this.#path = path;
    const log = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    this.#size = this.#replay(log);
    this.#file = openSync(path, 'a');
    if (this.#size < fstatSync(this.#file).size) ftruncateSync(this.#file, this.#size);
    syncDirectory(path);
  }

  get open(): readonly SpooledFrame[] {
    return this.#memory.open;
  }
  get batches(): readonly SpooledBatch[] {
    return this.#memory.batches;
  }
  get bytes(): number {
    return this.#memory.bytes;
  }

  append(frame: SpooledFrame): void {
    this.#write(frameEntry(frame));
    this.#memory.append(frame);
  }

  close(count: number): SpooledBatch {
    this.#write(closeEntry(this.#memory.nextSequence, count));
    return this.#memory.close(count);
  }

  remove(sequence: number): void {
    this.#write(entry(ENTRY.remove, f64(sequence)));
    this.#memory.remove(sequence);
    if (this.#size > COMPACT_ABOVE_BYTES && this.#memory.bytes * 2 < this.#size) this.#compact();
  }

  sync(): void {
    fsyncSync(this.#file);
  }

  /** Closes the file; the spool can be opened again. */
  dispose(): void {
    fsyncSync(this.#file);
    closeSync(this.#file);
  }

  #write(bytes: Buffer): void {
    writeAll(this.#file, bytes);
    this.#size += bytes.length;
  }

  /** @returns bytes of the log that check */
  #replay(log: Buffer): number {
    let at = 0;
    while (at + HEAD_BYTES <= log.length) {
      const end = at + HEAD_BYTES + log.readUInt32BE(at + 1);
      if (end + CHECK_BYTES > log.length || crc32(log.subarray(at, end)) !== log.readUInt32BE(end)) break;
      this.#apply(log[at]!, log.subarray(at + HEAD_BYTES, end));
      at = end + CHECK_BYTES;
    }
    return at;
  }

  #apply(type: number, body: Buffer): void {
    if (type === ENTRY.frame) this.#memory.append({ receivedAt: body.readDoubleBE(0), bytes: Buffer.from(body.subarray(8)) });
    else if (type === ENTRY.close) this.#memory.close(body.readUInt16BE(8));
    else if (type === ENTRY.remove) this.#memory.remove(body.readDoubleBE(0));
    else if (type === ENTRY.start) this.#memory = new MemorySpool(body.readDoubleBE(0));
  }

  /** Replays as: start at the oldest sequence that lives, its frames and close, and so on to the newest. */
  #compact(): void {
    const { batches, open, nextSequence } = this.#memory;
    const parts: Buffer[] = [];
    let sequence = batches[0]?.sequence ?? nextSequence;
    parts.push(entry(ENTRY.start, f64(sequence)));
    for (const batch of batches) {
      for (; sequence < batch.sequence; sequence++) parts.push(closeEntry(sequence, 0), entry(ENTRY.remove, f64(sequence)));
      parts.push(...batch.frames.map(frameEntry), closeEntry(sequence, batch.frames.length));
      sequence += 1;
    }
    for (; sequence < nextSequence; sequence++) parts.push(closeEntry(sequence, 0), entry(ENTRY.remove, f64(sequence)));
    parts.push(...open.map(frameEntry));
    this.#replaceFile(Buffer.concat(parts));
  }

  #replaceFile(log: Buffer): void {
    const next = `${this.#path}.next`;
    const file = openSync(next, 'w');
    writeAll(file, log);
    fsyncSync(file);
    closeSync(file);
    renameSync(next, this.#path);
    syncDirectory(this.#path);
    closeSync(this.#file);
    this.#file = openSync(this.#path, 'a');
    this.#size = log.length;
  }
}

function entry(type: number, body: Buffer): Buffer {
  const bytes = Buffer.alloc(HEAD_BYTES + body.length + CHECK_BYTES);
  bytes[0] = type;
  bytes.writeUInt32BE(body.length, 1);
  body.copy(bytes, HEAD_BYTES);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, HEAD_BYTES + body.length)), HEAD_BYTES + body.length);
  return bytes;
}

function frameEntry(frame: SpooledFrame): Buffer {
  return entry(ENTRY.frame, Buffer.concat([f64(frame.receivedAt), frame.bytes]));
}

function closeEntry(sequence: number, count: number): Buffer {
  return entry(ENTRY.close, Buffer.concat([f64(sequence), Buffer.of(count >>> 8, count & 0xff)]));
}

function f64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

/** A new or renamed file is durable only when its directory is. */
function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const directory = openSync(dirname(path), 'r');
  fsyncSync(directory);
  closeSync(directory);
}
