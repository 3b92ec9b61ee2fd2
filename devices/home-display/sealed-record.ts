import { createSecretKey, type KeyObject } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { NONCE_BYTES, openGcm, sealGcm, TAG_BYTES } from '../../protocol/gcm.ts';
import { hkdfExpand, hkdfExtract } from '../../protocol/hkdf.ts';

/**
 * A counter that no software turns back, as a secure element has it. It is what tells an old record from the newest; where it lies
 * beside the record, whoever copies both can turn back both.
 */
export interface RisingCounter {
  read(): number;
  /** @throws when it would fall */
  raise(to: number): void;
}

/** What of the device no file holds. */
export interface DeviceRoot {
  /** 32 bytes, unique to the device. */
  readonly secret: Buffer;
  readonly counter: RisingCounter;
  readonly random: (bytes: number) => Buffer;
}

/** `blank`: never written. `damaged`: torn, altered, or of another device. `turned-back`: older than the newest that was written. */
export type RecordReading = { readonly state: 'sound'; readonly body: Buffer } | { readonly state: 'blank' | 'damaged' | 'turned-back' };

const MAGIC = Buffer.from('JKD1');
const HEAD_BYTES = MAGIC.length + 6;
const KEY_INFO = Buffer.from('joulekeep home display record');

/**
 * One record in one file, AES-256-GCM under a key of the device, replaced as a whole: after a power cut it is the old or the new one.
 * Each writing has a number of its own, which the tag covers and the counter follows.
 * @source X.1332 9.2 (what is stored on the customer's device is protected)
 */
export class SealedRecord {
  readonly #path: string;
  readonly #root: DeviceRoot;
  readonly #key: KeyObject;
  #generation: number;

  constructor(path: string, root: DeviceRoot) {
    this.#path = path;
    this.#root = root;
    this.#key = createSecretKey(hkdfExpand(hkdfExtract(Buffer.alloc(32), root.secret), KEY_INFO, 32));
    this.#generation = root.counter.read();
  }

  read(): RecordReading {
    const written = this.#root.counter.read();
    const file = bytesOf(this.#path);
    if (file === undefined) return { state: written === 0 ? 'blank' : 'turned-back' };
    if (file.length < HEAD_BYTES + NONCE_BYTES + TAG_BYTES || !file.subarray(0, MAGIC.length).equals(MAGIC)) return { state: 'damaged' };
    const [head, rest] = [file.subarray(0, HEAD_BYTES), file.subarray(HEAD_BYTES)];
    const [nonce, sealed, tag] = [rest.subarray(0, NONCE_BYTES), rest.subarray(NONCE_BYTES, -TAG_BYTES), rest.subarray(-TAG_BYTES)];
    const body = openGcm(this.#key, nonce, head, sealed, tag);
    if (body === undefined) return { state: 'damaged' };
    const generation = head.readUIntBE(MAGIC.length, 6);
    if (generation < written) return { state: 'turned-back' };
    // The power went between record and counter.
    if (generation > written) this.#root.counter.raise(generation);
    this.#generation = generation;
    return { state: 'sound', body };
  }

  /** On stable storage when it returns. @throws when it can't be written */
  write(body: Buffer): void {
    const generation = this.#generation + 1;
    const head = Buffer.alloc(HEAD_BYTES);
    MAGIC.copy(head);
    head.writeUIntBE(generation, MAGIC.length, 6);
    const nonce = this.#root.random(NONCE_BYTES);
    const sealed = sealGcm(this.#key, nonce, head, body);
    replaceFile(this.#path, Buffer.concat([head, nonce, sealed]));
    this.#generation = generation;
    this.#root.counter.raise(generation);
  }
}

/** The counter of a reference device: a file beside the record. It tells of a record put back alone, not of both. */
export class FileCounter implements RisingCounter {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  read(): number {
    const file = bytesOf(this.#path);
    return file?.length === 6 ? file.readUIntBE(0, 6) : 0;
  }

  raise(to: number): void {
    if (to < this.read()) throw new RangeError(`a counter at ${this.read()} does not fall to ${to}`);
    const bytes = Buffer.alloc(6);
    bytes.writeUIntBE(to, 0, 6);
    replaceFile(this.#path, bytes);
  }
}

function bytesOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function replaceFile(path: string, bytes: Buffer): void {
  const next = `${path}.next`;
  const file = openSync(next, 'w', 0o600);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(next, path);
  if (process.platform === 'win32') return;
  const directory = openSync(dirname(path), 'r');
  fsyncSync(directory);
  closeSync(directory);
}
