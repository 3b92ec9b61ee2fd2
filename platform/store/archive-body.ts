import { createHash } from 'node:crypto';
import { Decoder, Encoder } from 'cbor-x/index-no-eval';
import { JoulekeepError } from '../../events/errors.ts';
import type { StoredCommit } from './commit.ts';

const LAYOUT = 'JK1 archive';
const encoder = new Encoder({ useRecords: false, variableMapSize: true, tagUint8Array: false });
const decoder = new Decoder({ useRecords: false, copyBuffers: true });

/** Commits as they lay in the store, sealed and chained: CBOR [layout, [stream, version, envelope, body, tag]..]. */
export function encodeArchive(commits: readonly StoredCommit[]): { bytes: Buffer; hash: Buffer } {
  const entries = commits.map(({ stream, version, envelope, body, tag }) => [stream, version, envelope, body, tag]);
  const bytes = Buffer.from(encoder.encode([LAYOUT, ...entries]));
  return { bytes, hash: createHash('sha256').update(bytes).digest() };
}

/** Commits by stream, in order of version. @throws ERR_ARCHIVE_DAMAGED unless the bytes have the hash and the layout */
export function openArchive(bytes: Buffer | undefined, hash: Buffer): ReadonlyMap<string, readonly StoredCommit[]> {
  if (bytes === undefined || !createHash('sha256').update(bytes).digest().equals(hash)) throw damaged(hash, bytes === undefined);
  const [, ...entries] = decoder.decode(bytes) as [string, ...[string, number, Uint8Array, Uint8Array, Uint8Array][]];
  const streams = new Map<string, StoredCommit[]>();
  for (const [stream, version, envelope, body, tag] of entries) {
    const commits = streams.get(stream) ?? [];
    commits.push({ stream, version, envelope: Buffer.from(envelope), body: Buffer.from(body), tag: Buffer.from(tag) });
    streams.set(stream, commits);
  }
  return streams;
}

function damaged(hash: Buffer, missing: boolean): JoulekeepError {
  return new JoulekeepError(
    'ERR_ARCHIVE_DAMAGED',
    `archive ${hash.toString('hex')} ${missing ? 'is missing' : 'is not what was archived'}`,
  );
}
