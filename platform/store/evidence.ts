import type { CommitEvidence, StreamHead } from '../ports/event-store.ts';
import { envelopeOf, type StoredCommit } from './commit.ts';
import { commitKeyOf } from './commit-key.ts';
import { type KeySource, readCommits } from './reader.ts';

/**
 * Opens stored commits as `readCommits` does, and keeps of each what shows it to somebody else: its bytes as they lie in the store, and its own key.
 * @throws ERR_COMMIT_DAMAGED at the first commit that fails
 */
export async function* readEvidence(
  commits: AsyncIterable<StoredCommit> | Iterable<StoredCommit>,
  keyOf: KeySource,
  sealed: boolean,
  from: number,
  after?: StreamHead,
): AsyncGenerator<CommitEvidence, void, void> {
  let stored: StoredCommit | undefined;
  const noted = async function* () {
    for await (const commit of commits) {
      stored = commit;
      yield commit;
    }
  };
  for await (const recorded of readCommits(noted(), keyOf, sealed, from, after)) yield await evidenceOf(stored!, recorded, keyOf);
}

async function evidenceOf(stored: StoredCommit, recorded: CommitEvidence['recorded'], keyOf: KeySource): Promise<CommitEvidence> {
  const { envelope, body, tag } = stored;
  const sealed = { recorded, envelope, body, tag, hash: recorded.head.hash };
  const fields = envelopeOf(stored);
  // A key that the envelope does not name shows nothing: there might be another.
  const rowKey = fields.keyHash !== undefined && recorded.erased !== true ? await keyOf(fields.keyId) : undefined;
  return rowKey === undefined ? sealed : { ...sealed, key: commitKeyOf(rowKey, fields).export() };
}
