import { createHash, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { GenerationKeys } from './frame.ts';
import { MAX_GENERATION } from './frame.ts';
import { hkdfExpand, hkdfExtract } from './hkdf.ts';

/**
 * Every label of the ladder, each used for one output of one parent and never again.
 *
 *   Z1 || Z2 --extract--> PRK --epochSecret--> epoch secret --chainUp--> chain 0 --chainNext--> chain 1 ...
 *                                                 |--macDown                 |--keyUp
 *                                                 |--confirmation            |--ivUp
 */
export const LABELS = Object.freeze({
  epochSecret: 'JK1 epoch secret',
  chainUp: 'JK1 chain up',
  macDown: 'JK1 mac down',
  confirmation: 'JK1 confirmation',
  chainNext: 'JK1 chain next',
  keyUp: 'JK1 key up',
  ivUp: 'JK1 iv up',
});

/** Life of an epoch, in days but for the last three. */
export const EPOCH = Object.freeze({
  /** A meter seals under an epoch at most this long after it began. */
  sealDays: 10,
  rotateDays: 7,
  destroyDays: 14,
  /** A HELLO may propose (highest, highest + helloAhead]. */
  helloAhead: 16,
  maxGeneration: MAX_GENERATION,
  /** Frames per epoch. */
  messageLimit: 65536,
});

const SECRET_BYTES = 32;

/** What follows from an epoch secret. */
export interface EpochKeys {
  /** Chain of generation 0, 32 bytes. */
  readonly chain0: Buffer;
  /** HMAC-SHA-256 key of the downlink. */
  readonly macDown: KeyObject;
  /** 32 bytes; `fin` carries the first 16. */
  readonly confirmation: Buffer;
}

function expand(parent: Buffer, label: keyof typeof LABELS, length: number = SECRET_BYTES): Buffer {
  return hkdfExpand(parent, Buffer.from(LABELS[label], 'utf8'), length);
}

/**
 * The epoch secret, from both agreements and bound to every signed byte of both messages.
 * @param z1 ECDH(meter ephemeral, MDMS agreement key), 32 bytes
 * @param z2 ECDH(both ephemerals), 32 bytes
 * @returns 32 bytes @source X.1332 10.1, RFC 5869
 */
export function agreeEpochSecret(helloTbs: Buffer, acceptTbs: Buffer, z1: Buffer, z2: Buffer): Buffer {
  if (z1.length !== SECRET_BYTES || z2.length !== SECRET_BYTES) throw new RangeError('shared secrets of 32 bytes expected');
  const transcript = createHash('sha256').update(u32(helloTbs.length)).update(helloTbs).update(u32(acceptTbs.length)).update(acceptTbs);
  const pseudoRandomKey = hkdfExtract(transcript.digest(), Buffer.concat([z1, z2]));
  return expand(pseudoRandomKey, 'epochSecret');
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function epochKeys(secret: Buffer): EpochKeys {
  if (secret.length !== SECRET_BYTES) throw new RangeError('epoch secret of 32 bytes expected');
  return {
    chain0: expand(secret, 'chainUp'),
    macDown: macDownOf(secret),
    confirmation: expand(secret, 'confirmation'),
  };
}

/** The downlink's MAC key alone, for whoever needs nothing else of the epoch. */
export function macDownOf(secret: Buffer): KeyObject {
  return createSecretKey(expand(secret, 'macDown'));
}

/** One day on. A meter erases the chain it came from. */
export function nextChain(chain: Buffer): Buffer {
  return expand(chain, 'chainNext');
}

export function generationKeys(chain: Buffer): GenerationKeys {
  return { key: createSecretKey(expand(chain, 'keyUp')), iv: expand(chain, 'ivUp', 12) };
}

/** Key (32 bytes) and IV (12 bytes) of any generation as bytes, for whoever keeps very many. @param generation 0 to 13 */
export function generationBytes(chain0: Buffer, generation: number): { key: Buffer; iv: Buffer } {
  const chain = chainOf(chain0, generation);
  return { key: expand(chain, 'keyUp'), iv: expand(chain, 'ivUp', 12) };
}

/** Keys of any generation, ratcheted from the epoch's first chain. @param generation 0 to 13 */
export function generationOf(chain0: Buffer, generation: number): GenerationKeys {
  return generationKeys(chainOf(chain0, generation));
}

function chainOf(chain0: Buffer, generation: number): Buffer {
  if (!Number.isInteger(generation) || generation < 0 || generation > EPOCH.maxGeneration)
    throw new RangeError('generation of 0 to 13 expected');
  let chain = chain0;
  for (let day = 0; day < generation; day++) chain = nextChain(chain);
  return chain;
}

/** Does a `fin` carry the first 16 bytes of the epoch's confirmation? In constant time. */
export function confirms(epoch: EpochKeys, claimed: Buffer): boolean {
  return claimed.length === 16 && timingSafeEqual(epoch.confirmation.subarray(0, 16), claimed);
}
