import type { StreamHead } from '../../ports/event-store.ts';
import type { SealedCommit, StoredCommit } from '../../store/commit.ts';
import { parseEnvelope } from '../../store/envelope.ts';
import { bytes, bytesOf, number, numberOf, type Row, text, textOf } from './row.ts';
import { nameAttributes } from './stream-names.ts';

/**
 * A commit as an item: `pk` the stream, `sk` the version of its first event. `count` and `keyId` repeat what the envelope says for
 * those who hear of it through the change stream, `commitId` and `hash` for a look at the head. The first of a stream carries its name.
 * Where the body lies apart, `bodyHash` stands for it (commit-bodies.ts).
 */
export function commitRow(commit: SealedCommit): Row {
  const { stream, version, count, commitId, head, envelope, tag, body } = commit;
  return {
    ...keyOf(stream, version),
    count: number(count),
    keyId: text(parseEnvelope(envelope).keyId),
    commitId: bytes(commitId),
    hash: bytes(head.hash),
    envelope: bytes(envelope),
    tag: bytes(tag),
    body: bytes(body),
    ...(version === 0 ? nameAttributes(stream) : {}),
  };
}

export function keyOf(stream: string, version: number): Row {
  return { pk: text(stream), sk: number(version) };
}

/** What a look at a head reads. */
export const HEAD_FIELDS = { projection: 'pk, sk, #count, commitId, #hash, gone', names: { '#count': 'count', '#hash': 'hash' } } as const;

/** What stands in the place of a commit that was taken out until nobody can still be about to write there. @param until UTC seconds */
export function goneRow(row: Row, until: number): Row {
  const { pk, sk, count, commitId, hash } = row as Record<'pk' | 'sk' | 'count' | 'commitId' | 'hash', Row[string]>;
  const gone = { pk, sk, count, commitId, hash, gone: { BOOL: true }, expiresAt: number(until) };
  return numberOf(row, 'sk') === 0 ? { ...gone, ...nameAttributes(textOf(row, 'pk')) } : gone;
}

export function isGone(row: Row): boolean {
  return row['gone']?.BOOL === true;
}

export function storedCommit(row: Row): StoredCommit {
  return {
    stream: textOf(row, 'pk'),
    version: numberOf(row, 'sk'),
    envelope: bytesOf(row, 'envelope'),
    body: bytesOf(row, 'body'),
    tag: bytesOf(row, 'tag'),
    hash: bytesOf(row, 'hash'),
  };
}

/** Head behind a commit, or behind what stands in its place. */
export function headOf(row: Row): StreamHead {
  return { stream: textOf(row, 'pk'), version: numberOf(row, 'sk') + numberOf(row, 'count') - 1, hash: bytesOf(row, 'hash') };
}
