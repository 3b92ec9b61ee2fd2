import type { BillStatement, HeldRating } from '../../events/index.ts';
import type { Assessment } from './assessment.ts';
import type { BillingPolicy } from './policy.ts';

/** Rates a period, for the first time or again. Everything about the world is in here. */
export interface RecordBill {
  readonly type: 'RecordBill';
  readonly statement: BillStatement;
  /** Over what was rated, SHA-256, hex: an approval is of that. */
  readonly hash: string;
  /** The same where a person would let demand stand on estimates; present where that holds the bill. */
  readonly withDemand?: HeldRating['withDemand'];
  readonly assessment: Assessment;
  readonly findings: readonly PeriodFinding[];
  readonly policy: BillingPolicy;
  /** Why it is rated again; told to everyone who had the old bill. */
  readonly reason: string;
  /** A person looked at the findings and lets it go. */
  readonly approvedBy?: string;
  /** When the hold was recorded that the person saw, UTC ms; absent where somebody lets it go as it is. */
  readonly ofHold?: number;
  /** A person let demand stand on estimates. */
  readonly demandApprovedBy?: string;
  readonly at: number;
}

/** What validation found on totals of the period: V17 high/low use, V18 maximum, V27 restatement. */
export interface PeriodFinding {
  readonly rule: 'V17' | 'V18' | 'V27';
  /** `review` holds the bill until a person approves it. */
  readonly result: 'warning' | 'review';
}

export type BillCommand = RecordBill;
