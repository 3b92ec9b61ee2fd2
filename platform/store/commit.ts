import { createCipheriv, createDecipheriv, createHash, type KeyObject } from 'node:crypto';
import { decodeEvents, encodeEvents } from '../../events/codec.ts';
import { JoulekeepError } from '../../events/errors.ts';
import type { DomainEvent } from '../../events/index.ts';
import type { NewCommit, RecordedCommit, StreamHead } from '../ports/event-store.ts';
import { commitKeyHash, commitKeyOf, hasCommitKeys } from './commit-key.ts';
import { COMMIT_ID_BYTES, checkStreamName, type Envelope, encodeEnvelope, HASH_BYTES, parseEnvelope } from './envelope.ts';
import { freshNonce } from './nonce.ts';
import { PACKING, pack, unpack } from './packing.ts';

/** A commit as it lies in a store: clear envelope, AES-256-GCM body, tag. `stream` and `version` are the key it lies under. */
export interface StoredCommit {
  readonly stream: string;
  readonly version: number;
  readonly envelope: Buffer;
  readonly body: Buffer;
  /** 16 bytes; empty when the body is not sealed. */
  readonly tag: Buffer;
  /** Chain hash as the store noted it when the commit was put, where it does; a convenience, never trusted. */
  readonly hash?: Buffer;
}

/** Ready to be put: the stored bytes, and the head the stream has once they are. */
export interface SealedCommit extends StoredCommit {
  readonly count: number;
  readonly commitId: Buffer;
  readonly head: StreamHead;
}

/** A data key and the row of the key table it comes from. */
export interface DataKey {
  readonly keyId: string;
  readonly key: KeyObject;
}

/** Largest envelope + body + tag, bytes. */
export const COMMIT_LIMIT = 65_536;

const CIPHER = 'aes-256-gcm';
const TAG_BYTES = 16;
const NO_BYTES = Buffer.alloc(0);

/** Where a stream without commits stands. @throws ERR_STREAM_NAME */
export function emptyHead(stream: string): StreamHead {
  checkStreamName(stream);
  return { stream, version: -1, hash: Buffer.alloc(HASH_BYTES) };
}

/**
 * Seals the next commit of a stream on top of `head`. Envelope as AAD, a fresh random nonce per call.
 * @param dataKey undefined stores the body in clear, which only the proof harness does
 * @throws ERR_COMMIT_INVALID, ERR_COMMIT_TOO_LARGE, ERR_EVENT_UNKNOWN
 */
export function sealCommit(head: StreamHead, commit: NewCommit, dataKey: DataKey | undefined, recordedAt: number): SealedCommit {
  const { commitId, events } = commit;
  if (events.length === 0) throw new JoulekeepError('ERR_COMMIT_INVALID', 'a commit records at least one event');
  if (commitId.length !== COMMIT_ID_BYTES) throw new JoulekeepError('ERR_COMMIT_INVALID', `a commit id has ${COMMIT_ID_BYTES} bytes`);
  const { stream } = head;
  const version = head.version + 1;
  // In clear nothing is packed: a scan for what must be sealed finds it.
  const { packing, bytes: plain } = dataKey ? pack(events) : { packing: PACKING.plain, bytes: encodeEvents(events) };
  const nonce = freshNonce();
  const keyId = dataKey?.keyId ?? '';
  const ownKey = hasCommitKeys(keyId);
  const key = dataKey && bodyKeyOf(dataKey.key, { stream, version, nonce, ownKey });
  const named = key && ownKey ? { ownKey, keyHash: commitKeyHash(key) } : { ownKey };
  const envelope = encodeEnvelope({
    ...{ stream, version, count: events.length, commitId, recordedAt, keyId, nonce, prev: head.hash, packing },
    ...named,
  });
  const sealed = key ? encrypt(key, nonce, envelope, plain) : { body: plain, tag: NO_BYTES };
  if (envelope.length + sealed.body.length + TAG_BYTES > COMMIT_LIMIT) throw tooLarge(stream);
  const next: StreamHead = { stream, version: version + events.length - 1, hash: chainHash({ envelope, ...sealed }) };
  return { stream, version, envelope, ...sealed, count: events.length, commitId, head: next };
}

/** SHA-256 over envelope, ciphertext and tag: what the next commit carries as `prev`. */
export function chainHash(stored: Pick<StoredCommit, 'envelope' | 'body' | 'tag'>): Buffer {
  return createHash('sha256').update(stored.envelope).update(stored.body).update(stored.tag).digest();
}

/** Envelope of a stored commit, checked against the key it lies under. @throws ERR_COMMIT_DAMAGED */
export function envelopeOf(stored: StoredCommit): Envelope {
  const envelope = parseEnvelope(stored.envelope);
  if (envelope.stream !== stored.stream || envelope.version !== stored.version)
    throw damaged(stored, 'lies under another key than its own');
  return envelope;
}

/**
 * Events of a stored commit whose row's key is at hand.
 * @param rowKey the data key of `envelope.keyId`; undefined reads a body in clear, which only the proof harness does
 * @throws ERR_COMMIT_DAMAGED when the tag does not verify or the body is not what the envelope says, packing included
 */
export function openBody(stored: StoredCommit, envelope: Envelope, rowKey: KeyObject | undefined): readonly DomainEvent[] {
  return openWith(stored, envelope, rowKey && bodyKeyOf(rowKey, envelope));
}

/**
 * Events of a stored commit by the key of its body: what `commitKeyOf` hands out, where the commit has one of its own.
 * @throws ERR_COMMIT_DAMAGED as `openBody` does
 */
export function openWith(stored: StoredCommit, envelope: Envelope, key: KeyObject | undefined): readonly DomainEvent[] {
  const { packing, keyHash } = envelope;
  if (key && keyHash && !commitKeyHash(key).equals(keyHash)) throw damaged(stored, 'names another key than the one at hand');
  const unpacked = unpack({ packing, bytes: key === undefined ? stored.body : decrypt(stored, envelope, key) });
  if (unpacked === undefined) throw damaged(stored, 'does not unpack');
  const events = decodeEvents(unpacked.body, unpacked.form);
  if (events.length !== envelope.count) throw damaged(stored, 'holds another number of events than its envelope says');
  return events;
}

/** A stored commit as readers see it. @param head the head after it */
export function recordedCommit(envelope: Envelope, events: readonly DomainEvent[], head: StreamHead): RecordedCommit {
  const { stream, version, commitId, recordedAt, keyId, prev } = envelope;
  const recorded = { stream, version, commitId, recordedAt, events, head, prev, sealedBy: keyId };
  return events.length === 0 ? { ...recorded, erased: true } : recorded;
}

/** One refusal for every fault of a stored commit; it names the commit. */
export function damaged(stored: { readonly stream: string; readonly version: number }, why: string, cause?: unknown): JoulekeepError {
  return new JoulekeepError('ERR_COMMIT_DAMAGED', `${stored.stream}: commit at version ${stored.version} ${why}`, { cause });
}

function bodyKeyOf(rowKey: KeyObject, envelope: Pick<Envelope, 'stream' | 'version' | 'nonce' | 'ownKey'>): KeyObject {
  return envelope.ownKey ? commitKeyOf(rowKey, envelope) : rowKey;
}

function encrypt(key: KeyObject, nonce: Buffer, envelope: Buffer, plain: Buffer): { body: Buffer; tag: Buffer } {
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(envelope);
  const body = cipher.update(plain);
  cipher.final();
  return { body, tag: cipher.getAuthTag() };
}

function decrypt(stored: StoredCommit, envelope: Envelope, key: KeyObject): Buffer {
  if (stored.tag.length !== TAG_BYTES) throw damaged(stored, 'has no whole tag');
  const decipher = createDecipheriv(CIPHER, key, envelope.nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(stored.envelope);
  decipher.setAuthTag(stored.tag);
  const plain = decipher.update(stored.body);
  try {
    decipher.final();
  } catch (cause) {
    throw damaged(stored, 'does not open', cause);
  }
  return plain;
}

function tooLarge(stream: string): JoulekeepError {
  return new JoulekeepError('ERR_COMMIT_TOO_LARGE', `${stream}: a commit has at most ${COMMIT_LIMIT} bytes`);
}
