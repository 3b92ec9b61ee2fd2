import type { DoubtCause } from '../../events/index.ts';

/** One interval of a feeder: what its head measured, and what the homes behind it say. Wh. */
export interface FeederInterval {
  readonly headImportWh: number;
  readonly headExportWh: number;
  readonly homesImportWh: number;
  readonly homesExportWh: number;
  /** Slots of homes that should be in the sums, and that are. */
  readonly expected: number;
  readonly measured: number;
  /** The same of what is fed in, by the homes that tell of it. */
  readonly expectedExporting: number;
  readonly exporting: number;
}

/** What a feeder may lose on its way, as thousandths of what flows, and what meters may be wrong by together. */
export interface BalanceLimits {
  readonly lossPerMille: number;
  readonly errorPerMille: number;
}

export const BALANCE_LIMITS: BalanceLimits = { lossPerMille: 80, errorPerMille: 20 };

/** Least share of slots that must be there for a balance to say anything, thousandths. */
const COMPLETE_PER_MILLE = 990;

export interface Balance {
  /** Head minus homes: losses, and what nobody reports. Negative: homes report what never flowed. */
  readonly unaccountedWh: number;
  /** Absent where it adds up, or where too much is missing to tell. */
  readonly cause?: DoubtCause;
}

/**
 * Holds the homes of a feeder against its head. Meters that lie by a plausible amount agree with themselves and pass every rule of
 * their own; the copper they hang on doesn't lie with them.
 */
export function balanceOf(interval: FeederInterval, limits: BalanceLimits = BALANCE_LIMITS): Balance {
  const { headImportWh, headExportWh, homesImportWh, homesExportWh, measured } = interval;
  const unaccountedWh = headImportWh - headExportWh - (homesImportWh - homesExportWh);
  if (!isJudged(interval)) return { unaccountedWh };
  const flowWh = Math.max(headImportWh + headExportWh, homesImportWh + homesExportWh);
  // Every meter rounds its own interval.
  const errorWh = (flowWh * limits.errorPerMille) / 1000 + measured;
  if (unaccountedWh < -errorWh) return { unaccountedWh, cause: 'more-than-the-feeder' };
  if (unaccountedWh > (flowWh * limits.lossPerMille) / 1000 + errorWh) return { unaccountedWh, cause: 'less-than-the-feeder' };
  return { unaccountedWh };
}

/** Whether enough homes are there, with what they take and with what they feed in, for a balance to say anything. */
export function isJudged({ expected, measured, expectedExporting, exporting }: FeederInterval): boolean {
  return (
    isComplete({ expected, measured }) && (expectedExporting === 0 || isComplete({ expected: expectedExporting, measured: exporting }))
  );
}

/** Whether nearly all are there of whom something is expected. */
export function isComplete({ expected, measured }: Pick<FeederInterval, 'expected' | 'measured'>): boolean {
  return expected > 0 && measured * 1000 >= expected * COMPLETE_PER_MILLE;
}
