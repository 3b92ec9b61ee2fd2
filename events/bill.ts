import type { Channel } from './meter.ts';

/**
 * Facts of stream `bill/<accountId>/<usagePoint>.<first day>`: one billing period, rated as a whole from final days. Money is
 * a decimal string of micro-currency, because it is a bigint that has to survive CBOR and JSON.
 */
export type BillEvent =
  | { readonly type: 'BillHeld'; readonly data: BillHeld }
  | { readonly type: 'BillHoldEnded'; readonly data: BillHoldEnded }
  | { readonly type: 'BillComputed'; readonly data: BillComputed }
  | { readonly type: 'BillRerated'; readonly data: BillRerated };

export type MoneyMicro = string;

export interface BillPeriod {
  readonly accountId: string;
  readonly usagePoint: string;
  /** Local dates, `yyyy-mm-dd`; `until` is the first day after. */
  readonly from: string;
  readonly until: string;
}

/** Nothing was left to wait for: the facts are again those that the bill went out with. */
export interface BillHoldEnded {
  readonly reason: string;
  readonly at: number;
}

export interface BillHeld {
  readonly period: BillPeriod;
  readonly reasons: readonly BillHoldReason[];
  /** Slots. */
  readonly missing: number;
  /** Parts per thousand, the larger of energy and slots. */
  readonly estimatedShare: number;
  /** Slots. */
  readonly failed: number;
  /** UTC ms when it goes out on estimates, marked. */
  readonly until: number;
  readonly at: number;
  /** What it came to; absent in holds from before this was kept. */
  readonly rated?: HeldRating;
}

/** What waits: another rating is another hold. */
export interface HeldRating {
  /** SHA-256 over lines, days and tariffs, hex. */
  readonly hash: string;
  readonly currency: string;
  readonly totalMicro: MoneyMicro;
  readonly importWh?: string;
  readonly exportWh?: string;
  /** What it comes to where a person lets demand stand on estimates; present where that holds it. */
  readonly withDemand?: { readonly hash: string; readonly totalMicro: MoneyMicro };
}

/** `review` = a finding on the period (V27) wants a person. */
export type BillHoldReason = 'missing' | 'estimated' | 'failed' | 'not-final' | 'demand-estimated' | 'review';

/** The reasons that people are told: what days lack that are not final yet says nothing beside that they are not final. */
export function reasonsTold(reasons: readonly BillHoldReason[]): readonly BillHoldReason[] {
  return reasons.filter((reason) => reason !== 'missing' || !reasons.includes('not-final'));
}

export interface BillLine {
  /** e.g. `energy/normal`, `standing`, `demand`, `export`, `tax/vat`, `true-up`. */
  readonly code: string;
  /** Exact integer in the line's unit. */
  readonly quantity: string;
  readonly unit: 'Wh' | 'day' | 'W' | 'VA' | 'varh' | 'micro' | 'piece';
  /** Micro-currency per kWh, day, kW, kvarh; absent where a line has many prices. */
  readonly priceMicro?: MoneyMicro;
  readonly amountMicro: MoneyMicro;
  /** What the one half-even rounding of this line took away, as `numerator/denominator` of a micro-unit. */
  readonly remainder: string;
  /** The bill that a true-up corrects: stream, `#`, revision. */
  readonly corrects?: string;
  /** First local date and first day after of the span it is for, where a tariff changed within the period. */
  readonly from?: string;
  readonly until?: string;
}

export interface BillStatement {
  readonly period: BillPeriod;
  readonly currency: string;
  readonly lines: readonly BillLine[];
  readonly totalMicro: MoneyMicro;
  /** Days it was rated from: stream and revision, so that it can be rated again exactly. */
  readonly inputs: readonly { readonly stream: string; readonly revision: number }[];
  readonly tariffs: readonly { readonly tariff: string; readonly version: number; readonly from: string }[];
  /** Energy that is estimated, parts per thousand. */
  readonly estimatedPerMille: number;
  /** Went out on estimates after its hold ended. */
  readonly onEstimates: boolean;
  /** Energy taken and sent back, for control totals. */
  readonly importWh?: string;
  readonly exportWh?: string;
  /** Largest slot of energy taken. */
  readonly maximumWh?: string;
  /** What goes to the credit of the next bill: Wh by band, micro-currency. */
  readonly carriedWh?: Readonly<Record<string, string>>;
  readonly carriedMicro?: MoneyMicro;
  /** When within the period it was the account's, UTC s. */
  readonly spans?: readonly { readonly from: number; readonly until: number }[];
  /** Findings on the period that it went out with, e.g. `V17`. */
  readonly findings?: readonly string[];
  /** What it was rated from beside its days and tariffs; absent in bills from before this was kept. */
  readonly basis?: BillBasis;
}

/** With days, tariffs and lines, all that rating asks for: whoever has these can rate the bill again. */
export interface BillBasis {
  /** IANA name, of the usage point. */
  readonly zone: string;
  /** Days of the whole calendar period. */
  readonly calendarDays: number;
  /** First local date that could still be charged. */
  readonly chargeableFrom: string;
  /** Credit of the bill before: Wh by band, micro-currency. */
  readonly broughtWh: Readonly<Record<string, string>>;
  readonly broughtMicro: MoneyMicro;
  /** What the period had been billed at before; absent the first time. */
  readonly billedMicro?: MoneyMicro;
  /** Days that were not final: nothing of them was read. */
  readonly unread: readonly UnreadDay[];
}

export interface UnreadDay {
  readonly stream: string;
  /** Local date. */
  readonly day: string;
  /** UTC s. */
  readonly start: number;
  readonly slots: number;
  readonly minutes: number;
  readonly channels: readonly Pick<Channel, 'obis' | 'direction' | 'unit'>[];
}

/** Who let a bill go that was held, by name. */
export interface BillApproval {
  /** Looked at the findings. */
  readonly approvedBy?: string;
  /** Let demand stand on estimates. */
  readonly demandApprovedBy?: string;
}

export interface BillComputed extends BillStatement, BillApproval {
  readonly revision: number;
  /** Of the approval. */
  readonly reason?: string;
  readonly at: number;
}

/** The whole period rated again: old, new, difference. */
export interface BillRerated extends BillStatement, BillApproval {
  readonly revision: number;
  readonly beforeMicro: MoneyMicro;
  readonly differenceMicro: MoneyMicro;
  readonly reason: string;
  readonly at: number;
}
