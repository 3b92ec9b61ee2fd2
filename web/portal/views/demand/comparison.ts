import type { DemandPeaks, SimilarHomes } from '../../../../api/customer-usage.ts';
import { monthsOn } from '../../../shared/local-date.ts';

export type Peak = DemandPeaks['months'][number];
/** A month of the chart; a month without readings has no peak, which is not a peak of zero. */
export interface PeakMonth {
  readonly month: string;
  readonly peak: Peak | null;
}

const MOST_MONTHS = 13;

/** Every month from the first known to the last, at most 13. */
export function everyMonth(peaks: readonly Peak[]): PeakMonth[] {
  const known = new Map(peaks.map((peak) => [peak.month, peak]));
  const names = [...known.keys()].sort();
  const [first, last] = [names[0], names.at(-1)];
  if (first === undefined || last === undefined) return [];
  const months: PeakMonth[] = [];
  for (let month = last; month >= first && months.length < MOST_MONTHS; month = monthsOn(month, -1)) {
    months.unshift({ month, peak: known.get(month) ?? null });
  }
  return months;
}

/** The highest; of equal ones the latest. */
export function highestOf(peaks: readonly Peak[]): Peak | undefined {
  return peaks.reduce<Peak | undefined>(
    (highest, peak) => (highest === undefined || peak.peakW >= highest.peakW ? peak : highest),
    undefined,
  );
}

export interface Comparison {
  /** Own energy against the mean of similar homes: 0.1 = a tenth more. */
  readonly beside: number;
  readonly is: 'less' | 'same' | 'more';
}

const ABOUT_THE_SAME = 0.03;

/** @returns undefined where there is nothing to compare */
export function comparisonOf({ ownWh, similar }: Pick<SimilarHomes, 'ownWh' | 'similar'>): Comparison | undefined {
  if (ownWh === null || similar === null || similar.meanWh <= 0) return undefined;
  const beside = ownWh / similar.meanWh - 1;
  return { beside, is: Math.abs(beside) <= ABOUT_THE_SAME ? 'same' : beside < 0 ? 'less' : 'more' };
}
