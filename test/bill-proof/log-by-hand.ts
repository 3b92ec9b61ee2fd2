import { createSecretKey } from 'node:crypto';
import type { ProvenCommit, WithheldCommit } from '../../api/bill-proof.ts';
import type { DomainEvent } from '../../events/index.ts';
import type { StreamHead } from '../../platform/ports/event-store.ts';
import { type SealedCommit, sealCommit } from '../../platform/store/commit.ts';
import { commitKeyOf } from '../../platform/store/commit-key.ts';
import { parseEnvelope } from '../../platform/store/envelope.ts';
import type { LogCheckpoint } from '../../protocol/log/checkpoint.ts';
import { encodeEntry } from '../../protocol/log/entry.ts';
import { leafHash, nodeHash } from '../../protocol/log/hashes.ts';
import { inclusionProof, rootOfRange } from '../../protocol/log/proofs.ts';
import { idOf } from '../contract/support/events.ts';

/** Of every row. */
export const ROW_KEY = createSecretKey(Buffer.alloc(32, 7));

/** Behind all that is said to be recorded, UTC ms. */
const LATER = Date.UTC(2100, 0, 1);

/** A commit on top of whatever somebody says is there. @param keyId row of its key; an account's unless told otherwise */
export function commitOn(head: StreamHead, events: readonly DomainEvent[], keyId = 'stream-class/account/1'): SealedCommit {
  const commit = { commitId: idOf(`${head.stream} ${head.version}`), events };
  return sealCommit(head, commit, { keyId, key: ROW_KEY }, 0);
}

/** A log of these commits and no others, as a proof has it. */
export interface LogByHand {
  readonly head: LogCheckpoint;
  /** The commit opened. */
  readonly open: (commit: SealedCommit) => ProvenCommit;
  readonly withhold: (commit: SealedCommit) => WithheldCommit;
}

export async function logOf(commits: readonly SealedCommit[]): Promise<LogByHand> {
  const leaves = commits.map(({ stream, version, head: { hash } }) => leafHash(encodeEntry({ stream, version, hash })));
  const hashAt = (level: number, index: number): Buffer =>
    level === 0 ? leaves[index]! : nodeHash(hashAt(level - 1, 2 * index), hashAt(level - 1, 2 * index + 1));
  const root = await rootOfRange(0, leaves.length, hashAt);
  const paths = await Promise.all(leaves.map((_, i) => inclusionProof(i, leaves.length, hashAt)));
  const placeOf = (commit: SealedCommit) => {
    const entry = commits.indexOf(commit);
    return { entry, path: Buffer.concat(paths[entry]!).toString('base64') };
  };
  return {
    head: { origin: 'joulekeep/log', size: leaves.length, root, at: LATER },
    open: (commit) => {
      const key = commitKeyOf(ROW_KEY, parseEnvelope(commit.envelope)).export();
      const [envelope, body, tag] = [commit.envelope, commit.body, commit.tag].map((bytes) => bytes.toString('base64'));
      return { envelope: envelope!, body: body!, tag: tag!, key: key.toString('base64'), ...placeOf(commit) };
    },
    withhold: (commit) => ({ withheld: commit.version, hash: commit.head.hash.toString('base64'), ...placeOf(commit) }),
  };
}
