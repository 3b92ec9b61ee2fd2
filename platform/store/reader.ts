import type { KeyObject } from 'node:crypto';
import type { DomainEvent } from '../../events/index.ts';
import type { RecordedCommit, StreamHead } from '../ports/event-store.ts';
import { chainHash, damaged, envelopeOf, openBody, recordedCommit, type StoredCommit } from './commit.ts';
import type { Envelope } from './envelope.ts';
import { keyMayServe } from './key-class.ts';

/** Gives the data key of a row, or undefined when it is destroyed. */
export type KeySource = (keyId: string) => Promise<KeyObject | undefined>;

/**
 * Opens stored commits of one stream in version order, and follows the chain: every commit must name the hash of the
 * one before and begin at the version behind it.
 * @param sealed whether a body in clear is damage; false only in the proof harness
 * @param from version at which the first of them must begin
 * @param after head that it must continue, where it is known
 * @throws ERR_COMMIT_DAMAGED at the first commit that fails
 */
export async function* readCommits(
  commits: AsyncIterable<StoredCommit> | Iterable<StoredCommit>,
  keyOf: KeySource,
  sealed: boolean,
  from: number,
  after?: StreamHead,
): AsyncGenerator<RecordedCommit, void, void> {
  let before = after;
  for await (const stored of commits) {
    const envelope = envelopeOf(stored);
    if (before === undefined && envelope.version !== from) throw damaged(stored, `is the first from ${from} on: others are missing`);
    if (before !== undefined) checkLink(before, stored, envelope);
    const events = await openStored(stored, envelope, keyOf, sealed);
    const { stream, version, count } = envelope;
    before = { stream, version: version + count - 1, hash: chainHash(stored) };
    yield recordedCommit(envelope, events ?? [], before);
  }
}

/** Events of a commit, undefined when its key is destroyed. @throws ERR_COMMIT_DAMAGED */
export async function openStored(
  stored: StoredCommit,
  envelope: Envelope,
  keyOf: KeySource,
  sealed: boolean,
): Promise<readonly DomainEvent[] | undefined> {
  if (envelope.keyId === '') {
    if (sealed) throw damaged(stored, 'is not sealed');
    return openBody(stored, envelope, undefined);
  }
  if (!keyMayServe(envelope.stream, envelope.keyId)) throw damaged(stored, 'names a key of another stream');
  const key = await keyOf(envelope.keyId);
  return key === undefined ? undefined : openBody(stored, envelope, key);
}

function checkLink(before: StreamHead, stored: StoredCommit, envelope: Envelope): void {
  if (envelope.version !== before.version + 1) throw damaged(stored, `does not begin at ${before.version + 1}`);
  if (!envelope.prev.equals(before.hash)) throw damaged(stored, 'does not continue the commit before it');
}
