import { Decoder, Encoder } from 'cbor-x/index-no-eval';
import { JoulekeepError } from '../../events/errors.ts';
import type { StreamHead } from '../ports/event-store.ts';
import type { Kms } from '../ports/kms.ts';
import { signedBy } from '../ports/signatures.ts';
import type { StreamAnchor } from '../ports/stream-anchor.ts';
import { HASH_BYTES } from './envelope.ts';

/** What is signed before commits are taken out of streams: up to which head of each, and which object stands in for them. */
export interface TrimRecord {
  readonly why: StreamAnchor['why'];
  /** UTC ms. */
  readonly at: number;
  /** SHA-256 of the object. */
  readonly body: Buffer;
  readonly heads: readonly StreamHead[];
}

export interface SignedTrim {
  readonly payload: Buffer;
  /** ES256, r || s. */
  readonly signature: Buffer;
}

/** Where a stream's hot part begins, as a store keeps it: believed only when the signed record says the same. */
export interface StoredAnchor {
  readonly head: StreamHead;
  readonly trim: SignedTrim;
}

/** KMS key that signs. */
const RETENTION_KEY = 'retention';
const CONTEXT = Buffer.from('JK1 trim\0');
const encoder = new Encoder({ useRecords: false, variableMapSize: true, tagUint8Array: false });
const decoder = new Decoder({ useRecords: false, copyBuffers: true });

/** CBOR [why, at, body, [[stream, version, hash]..]], signed. @throws ERR_KMS_ACCESS_DENIED for who may not take anything out */
export async function signTrim(kms: Kms, { why, at, body, heads }: TrimRecord): Promise<SignedTrim> {
  const payload = Buffer.from(encoder.encode([why, at, body, heads.map(({ stream, version, hash }) => [stream, version, hash])]));
  return { payload, signature: await kms.sign(RETENTION_KEY, Buffer.concat([CONTEXT, payload])) };
}

/** @throws ERR_ANCHOR_REFUSED */
export async function openAnchor(kms: Kms, { head, trim }: StoredAnchor): Promise<StreamAnchor> {
  if (!(await signedBy(kms, RETENTION_KEY, Buffer.concat([CONTEXT, trim.payload]), trim.signature))) throw refused(head.stream);
  const { why, at, body, heads } = parseTrim(trim.payload) ?? {};
  const signed = heads?.find(({ stream }) => stream === head.stream);
  if (why === undefined || signed?.version !== head.version || !signed.hash.equals(head.hash)) throw refused(head.stream);
  return { why, at: at!, body: body!, head };
}

/** Whether the record is signed and says the same as the anchor. */
export async function isSigned(kms: Kms, anchor: StoredAnchor): Promise<boolean> {
  try {
    await openAnchor(kms, anchor);
    return true;
  } catch (error) {
    if (error instanceof JoulekeepError && error.code === 'ERR_ANCHOR_REFUSED') return false;
    throw error;
  }
}

/** What a record says, signed or not; undefined when it is none. */
export function parseTrim(payload: Buffer): TrimRecord | undefined {
  let fields: unknown;
  try {
    fields = decoder.decode(payload);
  } catch {
    return undefined;
  }
  if (!Array.isArray(fields) || fields.length !== 4) return undefined;
  const [why, at, body, heads] = fields as unknown[];
  if ((why !== 'checkpoint' && why !== 'archive') || typeof at !== 'number' || !isHash(body) || !Array.isArray(heads)) return undefined;
  const read = heads.map(headOf);
  return read.includes(undefined) ? undefined : { why, at, body: Buffer.from(body), heads: read as StreamHead[] };
}

function headOf(entry: unknown): StreamHead | undefined {
  if (!Array.isArray(entry)) return undefined;
  const [stream, version, hash] = entry as unknown[];
  return typeof stream === 'string' && typeof version === 'number' && isHash(hash)
    ? { stream, version, hash: Buffer.from(hash) }
    : undefined;
}

function isHash(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === HASH_BYTES;
}

function refused(stream: string): JoulekeepError {
  return new JoulekeepError('ERR_ANCHOR_REFUSED', `${stream}: commits are gone, and nobody entitled has signed for it`);
}
