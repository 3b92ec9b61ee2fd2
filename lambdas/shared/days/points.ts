import type { AssetRecord, MeterClass, RegisterRead, TenancyCut } from '../../../events/index.ts';
import type { Platform } from '../../../platform/ports/platform.ts';

/** Where a meter is, as the directory knows it: derived from the usage point's stream, rebuilt at will. */
export interface MeterPoint {
  readonly usagePoint: string;
  readonly zone: string;
  readonly areaLeaf: string;
  readonly meterClass: MeterClass;
  readonly tariffs: readonly { readonly tariff: string; readonly from: string }[];
  /** Spans of this meter at this usage point, oldest first, UTC ms. */
  readonly installed: readonly {
    readonly from: number;
    readonly until?: number;
    readonly asset: AssetRecord;
    /** Registers as they were read then; absent where nobody read them. */
    readonly initial?: readonly RegisterRead[];
    readonly final?: readonly RegisterRead[];
  }[];
  /** Multipliers in force besides those of the asset record, oldest first, and who corrected them; UTC ms. */
  readonly multipliers: readonly {
    readonly channel: number;
    readonly multiplier: number;
    readonly from: number;
    readonly reason?: string;
    readonly by?: string;
  }[];
  /** Without supply by the utility's doing, oldest first, UTC ms; absent where it never was. */
  readonly disconnected?: readonly { readonly from: number; readonly until?: number }[];
  /** Whose it is from when, oldest first; before the first cut it is UTILITY's. UTC ms. */
  readonly tenancy: readonly TenancyCut[];
}

/** Directory key of a meter's points. */
export function pointKey(meterId: string): string {
  return `point-of/${meterId}`;
}

/**
 * Usage points of many meters with one look-up each; a meter that was moved has several, oldest first, one that was never
 * installed has none.
 */
export async function pointOf(platform: Platform, meterIds: readonly string[]): Promise<readonly (readonly MeterPoint[])[]> {
  const found = await platform.directory.getMany(meterIds.map(pointKey));
  return found.map((value) => (value === undefined ? [] : (JSON.parse(value.toString()) as MeterPoint[])));
}
