import type { SlotSource } from '../events/index.ts';

/** One channel of one meter, as an export sees it. */
export interface Lane {
  /** Id of the usage point as the receiver is to see it: pseudonymous for a warehouse. '' = not known. */
  readonly usagePoint: string;
  readonly meterId: string;
  readonly channel: number;
  readonly direction: 'import' | 'export';
  readonly unit: 'Wh' | 'varh' | 'VAh';
  readonly minutes: number;
}

/** A slot with its standing. Energy and register in the lane's unit, integers. */
export interface Slot {
  /** UTC seconds. */
  readonly end: number;
  readonly energyWh: number | null;
  readonly source: SlotSource;
  /** Register scaling was applied to the estimate. */
  readonly scaled: boolean;
  /** Per cent. */
  readonly confidence: number;
  /** Revision of the day's outcome; 0 = the day is not closed. */
  readonly revision: number;
  /** The day's outcome is final; else provisional. */
  readonly final: boolean;
  /** At the end of the interval; null = not known. */
  readonly register: number | null;
  /** The edit that the value stems from. */
  readonly edit: { readonly number: number; readonly reason: string } | null;
}

/** A lane with its slots, ends rising. */
export interface LaneSlots {
  readonly lane: Lane;
  readonly slots: Iterable<Slot>;
}

/** What an export is of. `from` < end <= `until`, UTC seconds. */
export interface Window {
  readonly from: number;
  readonly until: number;
}
