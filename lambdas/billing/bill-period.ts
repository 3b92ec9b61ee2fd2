import { type BillState, wentOut } from '../../domain/billing/bill.ts';
import type { BillingInput } from '../../domain/billing/billing-input.ts';
import type { PeriodDates } from '../../domain/billing/period-calendar.ts';
import { ratePeriod } from '../../domain/billing/rating.ts';
import { addDays } from '../../domain/tariff/dates.ts';
import { VEE_POLICIES } from '../../domain/vee/policy.ts';
import { type BillEvent, type HeldRating, JoulekeepError } from '../../events/index.ts';
import { basisOf } from './bill-basis.ts';
import { billStream } from './bill-stream.ts';
import { billingPolicy } from './billing-policy.ts';
import { type BillRequest, gather, mayHold, openLedger } from './gather.ts';
import { periodFindings } from './period-findings.ts';
import { ratedHash } from './rated-hash.ts';
import type { BillingSources } from './sources.ts';

export interface BilledPeriod {
  readonly stream: string;
  /** What this call recorded; empty when everything was so already. */
  readonly events: readonly BillEvent[];
  readonly state: BillState;
}

export interface BillOptions {
  /** Why it is rated again. */
  readonly reason?: string;
  /** A person looked at the findings. */
  readonly approvedBy?: string;
  /** When the hold was recorded that the person saw, UTC ms: no other one goes by that word. */
  readonly ofHold?: number;
}

/**
 * Bills one period of an account at a usage point, or rates it again as a whole; the bills after it follow where its credit
 * changed. Asked again with the same facts it records nothing.
 * @throws ERR_NO_TENANCY, ERR_PERIOD_BILLED when another bill covers some of its days, ERR_TARIFF_MISSING, ERR_TARIFF_UNKNOWN, ERR_BILL_CHANGED, and what `ratePeriod` throws
 */
export async function billPeriod(sources: BillingSources, request: BillRequest, options: BillOptions = {}): Promise<BilledPeriod> {
  const billed = await billOne(sources, request, options);
  if (wentOut(billed.events)) await billFollowing(sources, request);
  return billed;
}

async function billOne(
  sources: BillingSources,
  request: BillRequest,
  { reason = 'input changed', approvedBy, ofHold }: BillOptions,
): Promise<BilledPeriod> {
  const ledger = await openLedger(sources, request);
  if (ledger.overlapped !== undefined) throw new PeriodBilled(request, ledger.overlapped);
  const input = await gather(sources, request, ledger);
  const rating = ratePeriod(input);
  const withDemand = rating.assessment.demandEstimated ? withEstimatedDemand(input) : undefined;
  const stream = billStream(request);
  const recorded = await sources.record(stream, request.account, {
    type: 'RecordBill',
    ...rating,
    statement: { ...rating.statement, basis: basisOf(input) },
    hash: ratedHash(rating.statement),
    ...(withDemand === undefined ? {} : { withDemand }),
    findings: periodFindings(rating.statement, ledger, VEE_POLICIES[input.meterClass]),
    policy: billingPolicy(input.meterClass),
    reason,
    ...(approvedBy === undefined ? {} : { approvedBy }),
    ...(ofHold === undefined ? {} : { ofHold }),
    ...(input.demandApprovedBy === undefined ? {} : { demandApprovedBy: input.demandApprovedBy }),
    at: sources.clock.now(),
  });
  return { stream, ...recorded };
}

/** Whoever lets demand stand on estimates is to see what that comes to. */
function withEstimatedDemand(input: BillingInput): HeldRating['withDemand'] {
  const { statement } = ratePeriod({ ...input, demandApprovedBy: 'whoever approves' });
  return { hash: ratedHash(statement), totalMicro: statement.totalMicro };
}

/** Days of a period are in another bill. */
export class PeriodBilled extends JoulekeepError {
  /** What is said behind whose period it is: the same of all whose other bills are of the same days. */
  readonly why: string;

  constructor({ account, usagePoint, from, until }: BillRequest, other: PeriodDates) {
    const what = `is billed from ${other.from} to ${other.until} already, which overlaps ${from} to ${until}`;
    const why = `${what}: bill a period that ends by ${other.from}, or begins on ${other.until} or later`;
    super('ERR_PERIOD_BILLED', `${account} at ${usagePoint} ${why}`);
    this.why = why;
  }
}

/** Credit runs from bill to bill: the next one is looked at again, and as long as one changes, the next after it. */
async function billFollowing(sources: BillingSources, { account, usagePoint, from }: BillRequest): Promise<void> {
  const later = (await sources.firstDays(account, usagePoint)).filter((first) => first > from);
  for (const first of later) {
    const { billed } = await sources.bill(billStream({ account, usagePoint, from: first }));
    if (billed === undefined) return;
    const { until } = billed.statement.period;
    const { events } = await billOne(sources, { account, usagePoint, from: first, until }, { reason: `credit of the bill before changed` });
    if (events.length === 0) return;
  }
}

/** A restated day of an account, with the reason; a person who stands behind it also lets the bill go. */
export interface Restated extends BillOptions {
  readonly account: string;
  readonly usagePoint: string;
  /** Local date. */
  readonly day: string;
  readonly reason: string;
}

/**
 * Rates again every bill that stands on a restated day, at the prices it was billed at.
 * @returns one entry per bill, empty `events` where nothing came out of it
 */
export async function rerateForRestatement(
  sources: BillingSources,
  { usagePoint, account, day, ...options }: Restated,
): Promise<readonly BilledPeriod[]> {
  const billed: BilledPeriod[] = [];
  for (const from of await sources.firstDays(account, usagePoint)) {
    if (!mayHold(from, day)) continue;
    const state = await sources.bill(billStream({ account, usagePoint, from }));
    const period: PeriodDates | undefined = state.billed?.statement.period ?? state.held?.period;
    // A slot that ends at midnight belongs to the day before: a restated day touches its own period alone.
    if (period === undefined || day < period.from || addDays(day, 1) > period.until) continue;
    billed.push(await billPeriod(sources, { account, usagePoint, from: period.from, until: period.until }, options));
  }
  return billed;
}
