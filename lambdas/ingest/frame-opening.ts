import { hash } from 'node:crypto';
import type { SourceFrame } from '../../domain/telemetry/column-builder.ts';
import { emptyFrame, type OpenedFrame, readRecord } from '../../domain/telemetry/opened-frame.ts';
import type { RefusalReason } from '../../events/index.ts';
import type { Batch } from '../../protocol/batch.ts';
import {
  FrameOpener,
  frameCounter,
  frameEpoch,
  frameGeneration,
  KID_OFFSET,
  PARTIAL_IV_OFFSET,
  sizeClassOf,
} from '../../protocol/frame.ts';
import { confirms, epochKeys } from '../../protocol/keys.ts';
import { checkPlaintext, decodePlaintext, KIND } from '../../protocol/plaintext.ts';
import type { Defences } from '../../topology/defences.ts';
import type { EpochCell, EpochKeyCache } from './epoch-keys.ts';

const TAG_BYTES = 16;
const PAYLOAD_HEAD = [33, 33, 34] as const;

/** What opens a frame; a test may hand in one that fails. */
export type Open = Pick<FrameOpener, 'open'>;

/**
 * Opens one frame and reads it into `frame` and `source`, which are refilled every time.
 * This is the only place where a reading becomes readable. @source X.1332 10.1 (decryption at the MDMS)
 */
export class FrameOpening {
  readonly frame: OpenedFrame = emptyFrame();
  readonly source: SourceFrame;
  readonly #open: Open;
  readonly #keys: EpochKeyCache;
  readonly #defences: Pick<Defences, 'sealedOnly' | 'keyConfirmation'>;

  constructor(defences: Defences, keys: EpochKeyCache, open: Open = new FrameOpener({ verifyTag: defences.frameTag })) {
    this.#open = open;
    this.#keys = keys;
    this.#defences = defences;
    const none = Buffer.alloc(0);
    this.source = { wire: none, kid: 0, iv: 0, tag: 0, plaintext: none, sizeClass: 0, member: 0, annotations: 0, receivedAt: 0 };
  }

  /** @returns why the frame is refused, undefined when it opened */
  read(batch: Batch, i: number, member: number, cell: EpochCell): RefusalReason | undefined {
    const { bytes } = batch;
    const offset = batch.offset[i]!;
    const length = batch.length[i]!;
    const plaintext = this.#opened(bytes, offset, length, cell);
    if (plaintext === undefined) return 'not-authentic';
    if (!checkPlaintext(plaintext)) return 'plaintext-layout';
    if (plaintext[0] === KIND.fin && this.#defences.keyConfirmation && !finConfirms(plaintext, this.#keys.secretOf(cell)))
      return 'wrong-confirmation';
    const { frame, source } = this;
    frame.member = member;
    frame.epoch = this.#keys.epochOf(cell);
    frame.counter = frameCounter(bytes, offset);
    source.tag = offset + length - TAG_BYTES;
    frame.tag = bytes.readUInt32BE(source.tag);
    readRecord(frame, plaintext, 0);
    source.wire = bytes;
    source.kid = offset + KID_OFFSET;
    source.iv = offset + PARTIAL_IV_OFFSET;
    source.plaintext = plaintext;
    source.sizeClass = sizeClassOf(length);
    source.member = member;
    source.receivedAt = batch.receivedAt[i]!;
    return undefined;
  }

  #opened(bytes: Buffer, offset: number, length: number, cell: EpochCell): Buffer | undefined {
    const plaintext = this.#open.open(bytes, offset, length, this.#keys.keysOfDay(cell, frameGeneration(bytes, offset)));
    if (plaintext !== undefined || this.#defences.sealedOnly) return plaintext;
    const clear = bytes.subarray(offset + PAYLOAD_HEAD[sizeClassOf(length)], offset + length - TAG_BYTES);
    return checkPlaintext(clear) ? clear : undefined;
  }
}

function finConfirms(plaintext: Buffer, secret: Buffer): boolean {
  const fin = decodePlaintext(plaintext);
  return fin.kind === 'fin' && confirms(epochKeys(secret), fin.confirmation);
}

export function epochOf(batch: Batch, i: number): number {
  return frameEpoch(batch.bytes, batch.offset[i]!);
}

export function counterOf(batch: Batch, i: number): number {
  return frameCounter(batch.bytes, batch.offset[i]!);
}

export function frameBytes(batch: Batch, i: number): Buffer {
  return batch.bytes.subarray(batch.offset[i]!, batch.offset[i]! + batch.length[i]!);
}

/** SHA-256 under which a refused frame is recorded. */
export function frameHash(batch: Batch, i: number): Buffer {
  return hash('sha256', frameBytes(batch, i), 'buffer');
}
