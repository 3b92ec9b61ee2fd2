import type { AssetRecord, MoveRead, MultiplierCorrected, RegisterRead, TenancyCut, UsagePointOpened } from '../../events/index.ts';

/** What stream `usagepoint/<id>` says. Lists are in the order of time. */
export type UsagePointState = { readonly status: 'unopened' } | OpenUsagePoint;

export interface OpenUsagePoint extends Omit<UsagePointOpened, 'at'> {
  readonly status: 'open';
  readonly installations: readonly Installation[];
  readonly multipliers: readonly Omit<MultiplierCorrected, 'at'>[];
  /** Without supply by the utility's doing, rising; the last one may last. */
  readonly disconnections: readonly Disconnection[];
  readonly tenancy: readonly TenancyCut[];
  readonly moveReads: readonly Omit<MoveRead, 'at'>[];
  readonly tariffs: readonly TariffFrom[];
}

/** UTC ms; `until` is absent while it lasts. */
export interface Disconnection {
  readonly from: number;
  readonly until?: number;
}

/** One meter's time at the usage point, UTC ms; `until` is absent while it hangs there. */
export interface Installation {
  readonly meterId: string;
  readonly from: number;
  readonly until?: number;
  readonly asset: AssetRecord;
  readonly initial: readonly RegisterRead[];
  readonly final: readonly RegisterRead[];
}

export interface TariffFrom {
  readonly tariff: string;
  /** Local date, `yyyy-mm-dd`. */
  readonly from: string;
}

export const UNOPENED: UsagePointState = { status: 'unopened' };
