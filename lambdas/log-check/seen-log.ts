import type { Platform } from '../../platform/ports/platform.ts';
import { EMPTY_ROOT } from '../../protocol/log/hashes.ts';
import { consistencyProof } from '../../protocol/log/proofs.ts';
import { type LogHead, verifyConsistency } from '../../protocol/log/verification.ts';
import { unlessRefused } from '../../protocol/refusal.ts';
import { latestCheckpoint } from '../log/checkpoints.ts';
import { LogFiles } from '../log/log-files.ts';
import type { Finding } from './hold-store.ts';

/** The log as it was signed last, which has to go on from the one that was seen before. @returns what is wrong instead */
export async function seenLog(
  { objects, kms }: Pick<Platform, 'objects' | 'kms'>,
  before: LogHead | undefined,
): Promise<LogHead | Finding> {
  const seen = before ?? { size: 0, root: EMPTY_ROOT };
  const latest = await unlessRefused(latestCheckpoint(objects, kms), 'refused' as const);
  if (latest === 'refused') return finding('log/latest  is no checkpoint that this log’s key signed');
  if (latest === undefined) return seen.size === 0 ? seen : finding('there is none, and there was');
  if (latest.size < seen.size) return finding(`entry ${latest.size}  is missing: the last check found ${seen.size} entries`);
  const proof = await unlessRefused(consistencyProof(seen.size, latest.size, new LogFiles(objects).hashesAt(latest.size)), undefined);
  if (proof !== undefined && verifyConsistency({ from: seen, to: latest, proof })) return latest;
  return finding(`entry 0  not the first ${seen.size} entries that the last check found`);
}

/** Nothing can be held against a log that is another: it is said again until it is the one that it was. */
function finding(says: string): Finding {
  return { says, bundles: [] };
}
