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

/** Longest name of a stream. */
const MAX_STREAM_BYTES = 128;

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
