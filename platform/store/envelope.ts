import { Decoder, Encoder } from 'cbor-x/index-no-eval';
import { JoulekeepError } from '../../events/errors.ts';
import { NONCE_BYTES } from './nonce.ts';
import { PACKING, type Packing } from './packing.ts';

/** What stays in clear beside a commit's sealed body. Its bytes are the AAD of the body and part of the chain hash. */
export interface Envelope {
  readonly stream: string;
  /** Version of the commit's first event. */
  readonly version: number;
  /** Events in the commit, at least 1. */
  readonly count: number;
  /** 32 bytes. */
  readonly commitId: Buffer;
  /** UTC ms. */
  readonly recordedAt: number;
  /** Row of the key table; empty when the body is not sealed (proof harness only). */
  readonly keyId: string;
  /** 12 random bytes, new for every attempt to append. */
  readonly nonce: Buffer;
  /** Hash of the commit before, 32 zero bytes for the first of a stream. */
  readonly prev: Buffer;
  /** How the body lies under its seal. */
  readonly packing: Packing;
  /** Whether the body is sealed with a key of this commit alone, which comes of the row's; else with the row's own. */
  readonly ownKey: boolean;
  /** `commitKeyHash` of the commit's own key, 32 bytes; absent where it has none, and in commits of before. */
  readonly keyHash?: Buffer;
}

export const COMMIT_ID_BYTES = 32;
export const HASH_BYTES = 32;
/** Longest stream name and key id, characters: an envelope then stays under 496 bytes. */
export const NAME_LIMIT = 128;

/** Layout of an envelope whose body is plain; the others have `packing` behind the rest. */
const PLAIN = 1;
const PACKED = 2;
/** The body has a key of its own, which nothing in the envelope names. */
const OWN_KEY = 3;
/** The body has a key of its own, and its hash stands behind the rest. */
const NAMED_KEY = 4;
/** Fields behind those that every layout has. */
const BEHIND: ReadonlyMap<unknown, number> = new Map([
  [PLAIN, 0],
  [PACKED, 1],
  [OWN_KEY, 1],
  [NAMED_KEY, 2],
]);
const FIELDS = 9;
const STREAM_NAME = /^[a-z][a-z0-9-]*(\/[A-Za-z0-9._-]+)+$/;

const encoder = new Encoder({ useRecords: false, variableMapSize: true, tagUint8Array: false });
const decoder = new Decoder({ useRecords: false, copyBuffers: true });

/** @throws ERR_STREAM_NAME unless `name` is `<class>/<id>` of at most 128 characters */
export function checkStreamName(name: string): void {
  if (name.length > NAME_LIMIT || !STREAM_NAME.test(name))
    throw new JoulekeepError('ERR_STREAM_NAME', `no stream can be named ${name.slice(0, 160)}`);
}

/** CBOR array of layout number and the fields in the order of the interface. */
export function encodeEnvelope(envelope: Envelope): Buffer {
  const { stream, version, count, commitId, recordedAt, keyId, nonce, prev, packing, ownKey, keyHash } = envelope;
  const fields = [stream, version, count, commitId, recordedAt, keyId, nonce, prev];
  if (ownKey && keyHash) return encoder.encode([NAMED_KEY, ...fields, packing, keyHash]);
  if (ownKey) return encoder.encode([OWN_KEY, ...fields, packing]);
  return encoder.encode(packing === PACKING.plain ? [PLAIN, ...fields] : [PACKED, ...fields, packing]);
}

/** @throws ERR_COMMIT_DAMAGED when the bytes are no envelope of this layout */
export function parseEnvelope(bytes: Buffer): Envelope {
  const [layout, stream, version, count, commitId, recordedAt, keyId, nonce, prev, ...rest] = fieldsOf(bytes);
  const body = bodyOf(layout, rest);
  if (
    body === undefined ||
    typeof stream !== 'string' ||
    !isNatural(version) ||
    !isNatural(count) ||
    count === 0 ||
    !isNatural(recordedAt) ||
    typeof keyId !== 'string' ||
    !isBytes(commitId, COMMIT_ID_BYTES) ||
    !isBytes(nonce, NONCE_BYTES) ||
    !isBytes(prev, HASH_BYTES)
  ) {
    throw damaged();
  }
  const columns = { commitId: own(commitId), nonce: own(nonce), prev: own(prev) };
  return { stream, version, count, recordedAt, keyId, ...columns, ...body };
}

function fieldsOf(bytes: Buffer): readonly unknown[] {
  if (bytes.length > 512) throw damaged();
  let fields: unknown;
  try {
    fields = decoder.decode(bytes);
  } catch (cause) {
    throw damaged(cause);
  }
  if (!Array.isArray(fields) || fields.length < FIELDS) throw damaged();
  return fields as unknown[];
}

/** What the fields behind the others say of the body; undefined when they do not fit the layout, or nobody knows it. */
function bodyOf(layout: unknown, rest: readonly unknown[]): Pick<Envelope, 'packing' | 'ownKey' | 'keyHash'> | undefined {
  if (rest.length !== BEHIND.get(layout)) return undefined;
  if (layout === PLAIN) return { packing: PACKING.plain, ownKey: false };
  const [packing, keyHash] = rest;
  if (packing !== PACKING.zstd && (packing !== PACKING.plain || layout === PACKED)) return undefined;
  if (layout === PACKED) return { packing, ownKey: false };
  if (layout === OWN_KEY) return { packing, ownKey: true };
  return isBytes(keyHash, HASH_BYTES) ? { packing, ownKey: true, keyHash: own(keyHash) } : undefined;
}

function isNatural(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isBytes(value: unknown, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === length;
}

/** What the decoder copied out of a Buffer is one, and lies in the heap: asked for its `buffer` it would move out. */
function own(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function damaged(cause?: unknown): JoulekeepError {
  return new JoulekeepError('ERR_COMMIT_DAMAGED', 'not the envelope of a commit', { cause });
}
