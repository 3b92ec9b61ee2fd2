import { createPublicKey, verify } from 'node:crypto';
import { Decoder, Encoder } from 'cbor-x/index-no-eval';
import { JoulekeepError } from '../../events/errors.ts';
import type { StreamHead } from '../ports/event-store.ts';
import { HASH_BYTES } from './envelope.ts';

/**
 * Heads of all streams at one moment, signed: kept elsewhere, it shows a roll-back of the whole store, or a stream that
 * was cut off, which the store alone cannot. @source X.1332 10.1 (stored data intact)
 */
export interface StoreCheckpoint {
  /** UTC ms. */
  readonly at: number;
  readonly heads: readonly StreamHead[];
}

/** KMS key that signs checkpoints. */
export const CHECKPOINT_KEY = 'checkpoint';

const CONTEXT = 'JK1 store-checkpoint';
const encoder = new Encoder({ useRecords: false, variableMapSize: true, tagUint8Array: false });
const decoder = new Decoder({ useRecords: false, copyBuffers: true });

/** CBOR [payload, signature]; heads in the order of stream names. @param sign ES256, r || s */
export async function encodeCheckpoint(checkpoint: StoreCheckpoint, sign: (message: Buffer) => Promise<Buffer>): Promise<Buffer> {
  const heads = checkpoint.heads
    .toSorted((a, b) => (a.stream < b.stream ? -1 : 1))
    .map(({ stream, version, hash }) => [stream, version, hash]);
  const payload = Buffer.from(encoder.encode([checkpoint.at, heads]));
  return Buffer.from(encoder.encode([payload, await sign(toBeSigned(payload))]));
}

/** @param publicKey SPKI DER @throws ERR_CHECKPOINT_REFUSED */
export function openCheckpoint(bytes: Buffer, publicKey: Buffer): StoreCheckpoint {
  const [payload, signature] = decodeList(bytes, 2);
  if (!Buffer.isBuffer(payload) && !(payload instanceof Uint8Array)) throw refused();
  if (!(signature instanceof Uint8Array)) throw refused();
  const key = createPublicKey({ key: publicKey, format: 'der', type: 'spki' });
  if (!verify('sha256', toBeSigned(Buffer.from(payload)), { key, dsaEncoding: 'ieee-p1363' }, signature)) throw refused();
  const [at, heads] = decodeList(Buffer.from(payload), 2);
  if (typeof at !== 'number' || !Array.isArray(heads)) throw refused();
  return { at, heads: heads.map(toHead) };
}

function toHead(entry: unknown): StreamHead {
  if (!Array.isArray(entry)) throw refused();
  const [stream, version, hash] = entry as unknown[];
  if (typeof stream !== 'string' || typeof version !== 'number' || !(hash instanceof Uint8Array) || hash.length !== HASH_BYTES)
    throw refused();
  return { stream, version, hash: Buffer.from(hash) };
}

function decodeList(bytes: Buffer, length: number): readonly unknown[] {
  let decoded: unknown;
  try {
    decoded = decoder.decode(bytes);
  } catch (cause) {
    throw refused(cause);
  }
  if (!Array.isArray(decoded) || decoded.length !== length) throw refused();
  return decoded as unknown[];
}

function toBeSigned(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(CONTEXT), Buffer.from([0]), payload]);
}

function refused(cause?: unknown): JoulekeepError {
  return new JoulekeepError('ERR_CHECKPOINT_REFUSED', 'not a checkpoint signed by this store', { cause });
}
