import type { BillProof, WithheldCommit } from '../../api/bill-proof.ts';
import { codeOf } from '../../events/errors.ts';
import type { CommitEvidence } from '../../platform/ports/event-store.ts';
import type { BindingCommit, BindingEvidence } from './binding-evidence.ts';
import { type Places, provenCommit } from './proven-commit.ts';

type Told = BillProof['binding']['account'][number];

/**
 * Account and usage point as far as the checkpoint has them: what was recorded since waits for its place in the log. The account's stream ends before
 * it speaks of a version of the usage point that waits itself: each alone would be whole, and together they contradicted one another.
 * @throws ERR_PROOF_IMPOSSIBLE
 */
export async function placedBinding(log: Places, { account, point }: BindingEvidence, usagePoint: string): Promise<BillProof['binding']> {
  const placedPoint = await placed(log, point);
  const known = endOf(point[placedPoint.length - 1]);
  const ahead = account.findIndex(({ evidence }) => toldThrough(evidence, usagePoint) > known);
  return { account: await placed(log, ahead < 0 ? account : account.slice(0, ahead)), point: placedPoint };
}

async function placed(log: Places, commits: readonly BindingCommit[]): Promise<Told[]> {
  const told: Told[] = [];
  for (const { evidence, shown } of commits) {
    try {
      told.push(shown ? await provenCommit(log, evidence) : await withheldCommit(log, evidence));
    } catch (error) {
      if (codeOf(error) === 'ERR_PROOF_EARLY') break;
      throw error;
    }
  }
  return told;
}

/** Version of the last event, -1 for none. */
function endOf(commit: BindingCommit | undefined): number {
  if (commit === undefined) return -1;
  const { version, events } = commit.evidence.recorded;
  return version + events.length - 1;
}

/** Up to which version of the usage point a commit of the account says all, -1 where it says nothing of it. */
function toldThrough({ recorded }: CommitEvidence, usagePoint: string): number {
  return Math.max(
    -1,
    ...recorded.events.map(({ type, data }) => (type === 'PointStated' && data.usagePoint === usagePoint ? data.through : -1)),
  );
}

async function withheldCommit(log: Places, { recorded, hash }: CommitEvidence): Promise<WithheldCommit> {
  const { stream, version, recordedAt } = recorded;
  const { index, path } = await log.place({ stream, version, hash, recordedAt });
  return { withheld: version, hash: hash.toString('base64'), entry: index, path: Buffer.concat(path).toString('base64') };
}
