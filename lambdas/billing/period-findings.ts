import { likeWithLike } from '../../domain/billing/bill.ts';
import type { PeriodFinding } from '../../domain/billing/bill-command.ts';
import type { PeriodUse } from '../../domain/vee/period-use.ts';
import type { VeePolicy } from '../../domain/vee/policy.ts';
import { useOutOfBounds } from '../../domain/vee/rules/v17-use.ts';
import { maximumOutOfBounds } from '../../domain/vee/rules/v18-maximum.ts';
import { needsReview } from '../../domain/vee/rules/v27-restatement.ts';
import type { BillStatement } from '../../events/index.ts';
import type { Ledger } from './gather.ts';

const UNKNOWN = -1;

/**
 * V17, V18 and V27 over the totals of a period; V27 against what a person last stood behind. Measurements that take the place of estimates need nobody's review, and neither does
 * a tenancy that somebody corrected.
 */
export function periodFindings(now: BillStatement, { state, previous, lastYear }: Ledger, policy: VeePolicy): readonly PeriodFinding[] {
  const [before, yearAgo, published] = [previous?.billed?.statement, lastYear?.billed?.statement, state.billed?.statement];
  const use: PeriodUse = {
    averageDailyWh: averageDailyWh(now),
    lastYearAverageDailyWh: averageDailyWh(yearAgo),
    previousAverageDailyWh: averageDailyWh(before),
    maximumWh: Number(now.maximumWh ?? 0),
    previousMaximumWh: Number(before?.maximumWh ?? UNKNOWN),
  };
  const findings: PeriodFinding[] = [];
  if (useOutOfBounds(use, policy)) findings.push({ rule: 'V17', result: 'warning' });
  if (maximumOutOfBounds(use, policy)) findings.push({ rule: 'V18', result: 'warning' });
  const comparable = published !== undefined && likeWithLike(published, now);
  if (comparable && needsReview(importWh(state.reviewed ?? published), importWh(now), true, policy)) {
    findings.push({ rule: 'V27', result: 'review' });
  }
  return findings;
}

/** By the dates of its final days; a meter exchange gives a date twice. */
function averageDailyWh(statement: BillStatement | undefined): number {
  if (statement === undefined) return UNKNOWN;
  const dates = new Set(statement.inputs.map(({ stream }) => stream.split('/')[2]?.slice(0, 10)));
  return dates.size === 0 ? UNKNOWN : importWh(statement) / dates.size;
}

function importWh({ importWh: energy = '0' }: BillStatement): number {
  return Number(energy);
}
