import { CborReader, cborArray, cborBytes, cborText, cborUint } from '../cbor.ts';
import { LOG_HASH_BYTES } from './hashes.ts';

/** What the log says of one commit: that the store held it, there, and which bytes it had. Nothing of its content. */
export interface LogEntry {
  readonly stream: string;
  /** Version of the commit's first event. */
  readonly version: number;
  /** Chain hash of the commit, 32 bytes: over envelope, ciphertext and tag. */
  readonly hash: Buffer;
}

/** Stands before the name of a stream that a restore took back: no stream is named so. `version` is the first that is free again, `hash` the head's. */
const TAKEN_BACK = 'restored:';
/** Longest name of a stream, and that. */
const MAX_STREAM_BYTES = 128 + TAKEN_BACK.length;

/** What the log says of a stream whose later commits a restore took away. @param head of the stream as it stands now; version -1 for an empty one */
export function takenBackEntry({ stream, version, hash }: LogEntry): LogEntry {
  return { stream: TAKEN_BACK + stream, version: version + 1, hash };
}

/** The stream that an entry takes back, where it does. */
export function takenBackStream({ stream }: Pick<LogEntry, 'stream'>): string | undefined {
  return stream.startsWith(TAKEN_BACK) ? stream.slice(TAKEN_BACK.length) : undefined;
}

/** Deterministic CBOR [stream, version, hash]: one commit has one entry, whoever encodes it. */
export function encodeEntry({ stream, version, hash }: LogEntry): Buffer {
  return cborArray([cborText(stream), cborUint(version), cborBytes(hash)]);
}

/** @throws ProtocolRefusal ERR_LOG_REFUSED for whatever is not exactly one entry */
export function parseEntry(bytes: Buffer): LogEntry {
  const reader = new CborReader(bytes, 'ERR_LOG_REFUSED');
  const entry = readEntry(reader);
  reader.end();
  return entry;
}

/** Entries one behind the other, as bundles hold them. @throws ProtocolRefusal ERR_LOG_REFUSED */
export function parseEntries(bytes: Buffer): LogEntry[] {
  const reader = new CborReader(bytes, 'ERR_LOG_REFUSED');
  const entries: LogEntry[] = [];
  while (!reader.isDone) entries.push(readEntry(reader));
  return entries;
}

function readEntry(reader: CborReader): LogEntry {
  reader.array(3);
  return { stream: reader.text(1, MAX_STREAM_BYTES), version: reader.uint(), hash: reader.bytes(LOG_HASH_BYTES) };
}
