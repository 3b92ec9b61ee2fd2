import type { LoggedCommits } from '../../lambdas/log-check/against-log.ts';
import type { ObjectStore } from '../../platform/ports/platform.ts';
import type { LogCheckpoint } from '../../protocol/log/checkpoint.ts';
import { type ClaimSources, type Claims, readClaims } from './claims.ts';
import { LogReading } from './read-log.ts';
import { AgainstWitness } from './witnessed.ts';

/** What a check of the log by itself has shown, and what it says of commits. */
export interface CheckedLog {
  /** Undefined when there is no log, or nothing says how long it is. */
  readonly latest?: LogCheckpoint;
  /** Checkpoints that were held against it. */
  readonly checkpoints: number;
  readonly commits: LoggedCommits;
  /** What restores took away, as the log itself says. */
  readonly takenBack: { readonly commits: number; readonly streams: number };
  /** Entries that take a stream back, and that no receipt has. */
  readonly unaccounted: number;
  /** One line each. */
  readonly faults: readonly string[];
}

/** The witness has what the log signed after so long, at the latest. */
const WITNESSED_WITHIN_MS = 600_000;

/**
 * Recomputes the log: every entry, every tile, the root of every checkpoint that the log, exported files or the witness have. Never throws
 * on content. What the entries say of commits is to be held against the store: `against-log.ts`.
 */
export async function checkLog({
  objects,
  kms,
  files,
  witness,
  restored = new Set(),
}: ClaimSources & { readonly objects: ObjectStore; readonly restored?: ReadonlySet<string> }): Promise<CheckedLog> {
  const claims = await readClaims({ objects, kms, ...(files && { files }), ...(witness && { witness }) });
  const { latest, all, unsigned } = claims;
  const size = latest?.size ?? 0;
  const against = witness && new AgainstWitness(witness);
  const reading = new LogReading(objects, size, { claims: all, restored, ...(against && { witness: against }) });
  const broken = (await reading.read()).map(({ index, fault }) => `log  entry ${index}  ${fault}`);
  const none = latest === undefined ? ['log  there is none: nothing vouches for the store as a whole'] : [];
  const faults = [...none, ...unsigned.map((by) => `log  ${by}  is no checkpoint that this log's key signed`), ...broken];
  const ahead = all.filter(({ checkpoint }) => checkpoint.size > size).at(-1);
  if (ahead !== undefined) faults.push(`log  entry ${size}  is missing: ${ahead.by} was signed over ${ahead.checkpoint.size} entries`);
  const differs = await against?.difference(reading.isWhole);
  if (differs !== undefined) faults.push(`log  entry ${differs.index}  ${differs.fault}`);
  const behind = witness && behindOf(claims);
  if (behind !== undefined) faults.push(behind);
  const takenBack = { commits: reading.takenBack.commits, streams: reading.takenBack.streams.size };
  return {
    ...(latest && { latest }),
    checkpoints: all.length,
    commits: reading.commits,
    takenBack,
    unaccounted: reading.unaccounted,
    faults,
  };
}

/** Of a witness that got nothing of what the log signed for longer than it may take. A log that nothing is added to has nothing to bring. */
function behindOf({ latest, all, witnessed }: Claims): string | undefined {
  // One by one: a year has half a million checkpoints, which are too many for the arguments of one call.
  const size = witnessed.reduce((most, { checkpoint }) => Math.max(most, checkpoint.size), 0);
  const unwitnessed = all.filter(({ checkpoint }) => checkpoint.size > size);
  const since = unwitnessed.reduce((first, { checkpoint }) => Math.min(first, checkpoint.at), Number.POSITIVE_INFINITY);
  if (latest === undefined || latest.at - since <= WITNESSED_WITHIN_MS) return undefined;
  return `log  entry ${size}  is not with the witness, whose newest checkpoint is behind one of ${new Date(since).toISOString()}`;
}
