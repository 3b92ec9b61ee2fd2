import type { StreamHead } from '../ports/event-store.ts';
import type { StoredCommit } from '../store/commit.ts';

/** What a look at the newest commit of a stream reads. */
export interface TipRow {
  readonly version: number;
  readonly count: number;
  readonly commit_id: Uint8Array;
  readonly hash: Uint8Array;
}

/** A commit as the file has it. */
export interface CommitRow extends Pick<TipRow, 'version' | 'hash'> {
  readonly stream: string;
  readonly envelope: Uint8Array;
  readonly tag: Uint8Array;
  readonly body: Uint8Array;
}

export function headOf(stream: string, tip: TipRow): StreamHead {
  return { stream, version: tip.version + tip.count - 1, hash: bytesOf(tip.hash) };
}

export function storedOf({ stream, version, hash, envelope, tag, body }: CommitRow): StoredCommit {
  return { stream, version, hash: bytesOf(hash), envelope: bytesOf(envelope), tag: bytesOf(tag), body: bytesOf(body) };
}

export function bytesOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
