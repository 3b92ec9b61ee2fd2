import { type FrameColumns, RECORD_BYTES } from '../../events/index.ts';

const HEADER = 20;
/** Of 16. */
const TAG = 4;

/** Collects frames into the columns of one event. One builder serves a worker's whole life; `take` copies what was filled. */
export class ColumnBuilder {
  #count = 0;
  #plainEnd = 0;
  readonly #member: Buffer;
  readonly #header: Buffer;
  readonly #tag: Buffer;
  readonly #plaintext: Buffer;
  readonly #sizeClass: Buffer;
  readonly #annotations: Buffer;
  readonly #receivedAt: Buffer;

  /** @param frames most frames of a batch @param bytes most plaintext bytes of a batch */
  constructor(frames: number, bytes: number) {
    this.#member = Buffer.alloc(frames * 2);
    this.#header = Buffer.alloc(frames * HEADER);
    this.#tag = Buffer.alloc(frames * TAG);
    this.#plaintext = Buffer.alloc(bytes);
    this.#sizeClass = Buffer.alloc(frames);
    this.#annotations = Buffer.alloc(frames * 4);
    this.#receivedAt = Buffer.alloc(frames * 4);
  }

  get count(): number {
    return this.#count;
  }

  /** @param kid offset of the kid's 11 bytes @param iv offset of the Partial IV's 9 bytes @param tag offset of the tag, all in `wire` */
  add(frame: SourceFrame): void {
    const n = this.#count++;
    const { wire } = frame;
    this.#member[n * 2] = frame.member & 255;
    this.#member[n * 2 + 1] = frame.member >>> 8;
    const header = this.#header;
    const headerAt = n * HEADER;
    // Byte by byte: for a dozen bytes a call into the runtime costs more than the bytes.
    for (let i = 0; i < 11; i++) header[headerAt + i] = wire[frame.kid + i]!;
    for (let i = 0; i < 9; i++) header[headerAt + 11 + i] = wire[frame.iv + i]!;
    for (let i = 0; i < TAG; i++) this.#tag[n * TAG + i] = wire[frame.tag + i]!;
    frame.plaintext.copy(this.#plaintext, this.#plainEnd, 0, RECORD_BYTES[frame.sizeClass]);
    this.#plainEnd += RECORD_BYTES[frame.sizeClass];
    this.#sizeClass[n] = frame.sizeClass;
    this.#annotations.writeUInt32LE(frame.annotations, n * 4);
    this.#receivedAt.writeUInt32LE(Math.floor(frame.receivedAt / 1000) % 0x1_0000_0000, n * 4);
  }

  /** The columns so far; the builder starts afresh. */
  take(): FrameColumns {
    const n = this.#count;
    const columns = {
      count: n,
      member: Buffer.from(this.#member.subarray(0, n * 2)),
      header: Buffer.from(this.#header.subarray(0, n * HEADER)),
      tag: Buffer.from(this.#tag.subarray(0, n * TAG)),
      plaintext: Buffer.from(this.#plaintext.subarray(0, this.#plainEnd)),
      sizeClass: Buffer.from(this.#sizeClass.subarray(0, n)),
      annotations: Buffer.from(this.#annotations.subarray(0, n * 4)),
      receivedAt: Buffer.from(this.#receivedAt.subarray(0, n * 4)),
    };
    this.#count = 0;
    this.#plainEnd = 0;
    return columns;
  }
}

/** Where a frame's pieces lie; one object is refilled. */
export interface SourceFrame {
  wire: Buffer;
  kid: number;
  iv: number;
  tag: number;
  plaintext: Buffer;
  sizeClass: 0 | 1 | 2;
  member: number;
  annotations: number;
  /** UTC ms. */
  receivedAt: number;
}
