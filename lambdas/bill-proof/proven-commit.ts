import type { ProvenCommit } from '../../api/bill-proof.ts';
import type { CommitEvidence } from '../../platform/ports/event-store.ts';
import { impossible } from './impossible.ts';
import type { LogLookup } from './log-lookup.ts';

/** Where commits are in the log. */
export type Places = Pick<LogLookup, 'place'>;

/** A commit as it lies in the store, the key of it alone, and its place in the log. @throws ERR_PROOF_EARLY (retryable), ERR_PROOF_IMPOSSIBLE */
export async function provenCommit(log: Places, { recorded, envelope, body, tag, hash, key }: CommitEvidence): Promise<ProvenCommit> {
  const { stream, version, recordedAt, erased } = recorded;
  if (erased || key === undefined)
    throw impossible(`${stream}: the commit at version ${version} names no key of its own, or has none any more`);
  const { index, path } = await log.place({ stream, version, hash, recordedAt });
  return {
    ...{ envelope: envelope.toString('base64'), body: body.toString('base64'), tag: tag.toString('base64'), key: key.toString('base64') },
    ...{ entry: index, path: Buffer.concat(path).toString('base64') },
  };
}
