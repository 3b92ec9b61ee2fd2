import type { BillProof, ProvenCommit } from '../../api/bill-proof.ts';
import { type AccessPurpose, type BillComputed, type BillRerated, JoulekeepError } from '../../events/index.ts';
import type { CommitEvidence } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { openSubjectData } from '../shared/access/subject-data.ts';
import { bindingEvidence } from './binding-evidence.ts';
import { certificatesOf } from './certificates.ts';
import { dayEvidence } from './day-evidence.ts';
import { impossible } from './impossible.ts';
import { LogLookup } from './log-lookup.ts';
import { placedBinding } from './placed-binding.ts';
import { provenCommit } from './proven-commit.ts';
import { tariffEvidence } from './tariff-evidence.ts';

/** Whose bill, and for whom it is proved. */
export interface ProofRequest {
  /** `bill/<account>/<usagePoint>.<first day>`. */
  readonly stream: string;
  readonly account: string;
  readonly purpose: AccessPurpose;
  /** On whose behalf. */
  readonly person: string;
}

type Issued = BillComputed | BillRerated;

const DAY_MS = 86_400_000;
/** A local day begins so much before the UTC midnight of its name, at most. */
const ZONE_AHEAD_MS = 14 * 3_600_000;

/**
 * Everything the newest bill of a period rests on, with the key of each commit alone: whoever gets it can open these commits and no others.
 * That the bill was opened, and its days, is on record first.
 * @throws ERR_BILL_UNKNOWN where no bill went out; ERR_PROOF_EARLY (retryable) until all of it is in the log; ERR_PROOF_IMPOSSIBLE for what was
 * recorded before it could be proved, or was erased since
 * @source X.1332 9.2, 10.1
 */
export async function proveBill(platform: Platform, request: ProofRequest): Promise<BillProof> {
  const bill = await billEvidence(platform, request);
  const { statement } = bill;
  const days = await dayEvidence(platform, statement.inputs, await openPeriod(platform, request, statement));
  const tariffs = await tariffEvidence(platform, statement.tariffs);
  const binding = await bindingEvidence(platform, statement.period);
  const log = await LogLookup.open(platform.objects);
  const proven = async (evidence: readonly CommitEvidence[]) => {
    const commits: ProvenCommit[] = [];
    for (const one of evidence) commits.push(await provenCommit(log, one));
    return commits;
  };
  return {
    ...{ format: 'joulekeep-bill-proof', version: 2, checkpoint: log.note },
    bill: await provenCommit(log, bill.evidence),
    binding: await placedBinding(log, binding, statement.period.usagePoint),
    days: await proven(days.flatMap(({ evidence }) => evidence)),
    tariffs: await proven(tariffs.evidence),
    series: tariffs.series,
    certificates: await certificatesOf(
      platform,
      days.map(({ state }) => state),
    ),
  };
}

interface ProvenBill {
  readonly evidence: CommitEvidence;
  readonly statement: Issued;
}

/** The commit in which the bill last went out. */
async function billEvidence(platform: Platform, { stream, account, purpose, person }: ProofRequest): Promise<ProvenBill> {
  const from = Date.parse(`${stream.slice(-10)}T00:00:00Z`);
  const access = await openSubjectData(platform, { purpose, person, subjects: [account], from, until: from + DAY_MS });
  let newest: ProvenBill | undefined;
  for await (const evidence of platform.events.evidence(stream, 0, access)) {
    for (const { type, data } of evidence.recorded.events)
      if (type === 'BillComputed' || type === 'BillRerated') newest = { evidence, statement: data };
  }
  if (newest === undefined) throw new JoulekeepError('ERR_BILL_UNKNOWN', `${stream}: no bill went out`);
  if (newest.statement.basis === undefined) throw impossible(`${stream}: the bill is from before bills kept what they were rated from`);
  return newest;
}

function openPeriod(platform: Platform, { account, purpose, person }: ProofRequest, { period }: Issued) {
  const window = { from: Date.parse(`${period.from}T00:00:00Z`) - ZONE_AHEAD_MS, until: Date.parse(`${period.until}T00:00:00Z`) + DAY_MS };
  return openSubjectData(platform, { purpose, person, subjects: [account], ...window });
}
