import { wentOut } from '../../domain/billing/bill.ts';
import type { PeriodDates } from '../../domain/billing/period-calendar.ts';
import { type BillHeld, type BillStatement, JoulekeepError } from '../../events/index.ts';
import { billPeriod, PeriodBilled } from './bill-period.ts';
import { type ControlTotals, controlTotals } from './control-totals.ts';
import type { BillingSources } from './sources.ts';

/** Whom a run bills. */
export interface BillTarget {
  readonly account: string;
  readonly usagePoint: string;
}

export interface BillRun {
  readonly period: PeriodDates;
  /** Computed or rated again by this run. */
  readonly issued: number;
  /** As they were before. */
  readonly unchanged: number;
  readonly held: readonly BillHeld[];
  /** Other bills cover some of their days already: left alone. */
  readonly covered: readonly (BillTarget & Pick<PeriodBilled, 'message' | 'why'>)[];
  /** Could not be rated; the others were. */
  readonly failed: readonly (BillTarget & { readonly code: string; readonly message: string })[];
  /** Over every bill of the period that has gone out, now or before. */
  readonly totals: ControlTotals;
}

/** Bills a period for all its accounts. One that can't be billed stands in the report and stops nobody. */
export async function runBills(sources: BillingSources, targets: readonly BillTarget[], period: PeriodDates): Promise<BillRun> {
  const statements: BillStatement[] = [];
  const held: BillHeld[] = [];
  const covered: BillRun['covered'][number][] = [];
  const failed: BillRun['failed'][number][] = [];
  let issued = 0;
  for (const target of targets) {
    try {
      const { events, state } = await billPeriod(sources, { ...target, ...period });
      if (wentOut(events)) issued++;
      if (state.billed !== undefined) statements.push(state.billed.statement);
      if (state.held !== undefined) held.push(state.held);
    } catch (error) {
      if (!(error instanceof JoulekeepError) || error.retryable) throw error;
      if (error instanceof PeriodBilled) covered.push({ ...target, message: error.message, why: error.why });
      else failed.push({ ...target, code: error.code, message: error.message });
    }
  }
  const unchanged = targets.length - issued - held.length - covered.length - failed.length;
  return { period, issued, unchanged, held, covered, failed, totals: controlTotals(statements) };
}
