import type { MeterClass } from '../../events/index.ts';

/** Shape of a day's use: a weight for each hour of the local day, in any unit. */
export interface ClassProfile {
  /** As it stands in the inputs of an estimate. */
  readonly name: string;
  readonly hours: readonly number[];
}

/**
 * Shapes for a channel without usable days of its own (E7). They are assumptions, drawn by hand and measured on nobody: low nights,
 * a morning and a higher evening peak at home; working hours in a business; the sum of many, which is smoother, on a feeder.
 */
export const CLASS_PROFILES: Readonly<Record<MeterClass, ClassProfile>> = {
  residential: {
    name: 'profile residential/1',
    hours: [30, 26, 24, 23, 24, 28, 38, 50, 52, 46, 43, 42, 45, 43, 41, 43, 52, 68, 76, 74, 68, 60, 50, 39],
  },
  commercial: {
    name: 'profile commercial/1',
    hours: [22, 21, 20, 20, 21, 25, 36, 55, 75, 86, 90, 91, 88, 89, 90, 88, 82, 68, 50, 40, 34, 30, 26, 24],
  },
  grid: {
    name: 'profile grid/1',
    hours: [41, 38, 36, 36, 38, 43, 52, 62, 67, 68, 68, 68, 69, 68, 67, 68, 71, 76, 77, 74, 69, 62, 53, 46],
  },
};
