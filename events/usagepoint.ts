import type { AssetRecord, MeterClass } from './meter.ts';

/** Whose data a day is: an account, or the utility itself where nobody is the tenant. */
export const UTILITY = 'utility';

/**
 * Facts of stream `usagepoint/<id>`: what a bill follows. Installed meters with their registers, multipliers, zone,
 * tariff, and whose it is from when. Instants are UTC ms on the grid of the meter's intervals.
 */
export type UsagePointEvent =
  | { readonly type: 'UsagePointOpened'; readonly data: UsagePointOpened }
  | { readonly type: 'MeterInstalled'; readonly data: MeterInstalled }
  | { readonly type: 'MeterRemoved'; readonly data: MeterRemoved }
  | { readonly type: 'MultiplierCorrected'; readonly data: MultiplierCorrected }
  | { readonly type: 'SupplyDisconnected'; readonly data: SupplySwitched }
  | { readonly type: 'SupplyReconnected'; readonly data: SupplySwitched }
  | { readonly type: 'TenancyCut'; readonly data: TenancyCut & { readonly at: number } }
  | { readonly type: 'TenancyCorrected'; readonly data: TenancyCorrected }
  | { readonly type: 'MoveRead'; readonly data: MoveRead }
  | { readonly type: 'TariffAssigned'; readonly data: { readonly tariff: string; readonly from: string; readonly at: number } };

export interface UsagePointOpened {
  readonly usagePoint: string;
  readonly premises: string;
  /** IANA zone: its local days are the days of the usage point. */
  readonly zone: string;
  readonly areaLeaf: string;
  readonly meterClass: MeterClass;
  readonly at: number;
}

/** Counts of a channel's register. */
export interface RegisterRead {
  readonly channel: number;
  readonly counts: number;
}

export interface MeterInstalled {
  readonly meterId: string;
  readonly from: number;
  readonly asset: AssetRecord;
  /** Initial registers; empty when nobody read them. */
  readonly registers: readonly RegisterRead[];
  readonly at: number;
}

export interface MeterRemoved {
  readonly meterId: string;
  readonly until: number;
  readonly registers: readonly RegisterRead[];
  readonly at: number;
}

/** A wrong multiplier is a restatement with a reason: the counts stay, the energy changes. */
export interface MultiplierCorrected {
  readonly meterId: string;
  readonly channel: number;
  readonly multiplier: number;
  readonly validFrom: number;
  readonly reason: string;
  readonly by: string;
  readonly at: number;
}

/** The utility switched the supply of a usage point off, or on again: use in between is theft or a fault (V23). */
export interface SupplySwitched {
  readonly instant: number;
  readonly reason: string;
  readonly by: string;
  readonly at: number;
}

/** From this instant on the usage point is this subject's. */
export interface TenancyCut {
  /** Account id or UTILITY. */
  readonly subject: string;
  readonly from: number;
}

/** Replaces every cut from `since` on. The days it touches are sealed again under their right subject's key. */
export interface TenancyCorrected {
  readonly since: number;
  readonly cuts: readonly TenancyCut[];
  readonly reason: string;
  readonly by: string;
  readonly at: number;
}

/** Registers at the instant of a move. */
export interface MoveRead {
  readonly meterId: string;
  readonly instant: number;
  readonly registers: readonly RegisterRead[];
  readonly kind: 'measured' | 'interpolated' | 'agreed';
  readonly by?: string;
  readonly at: number;
}
