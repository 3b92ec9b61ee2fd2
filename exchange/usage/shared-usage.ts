/** What a recipient gets of one customer's usage: pseudonyms, energy and its quality. Names, addresses and ids of the service have no field. */
export interface SharedUsage {
  /** Series in the order of their ids. */
  readonly series: readonly SharedSeries[];
  readonly bills: readonly SharedBill[];
}

/** One direction and unit of a usage point, over whatever meters hung there. */
export interface SharedSeries {
  /** Pseudonym of the usage point; stable for this recipient within a period. */
  readonly usagePoint: string;
  readonly direction: 'import' | 'export';
  readonly unit: 'Wh' | 'varh' | 'VAh';
  /** IANA zone of its local days and months. */
  readonly zone: string;
  readonly resolution: 'month' | 'day' | 'hour' | 'interval';
  /** Of the intervals that were measured. */
  readonly intervalMinutes: number;
  readonly rows: readonly SharedRow[];
}

export interface SharedRow {
  /** UTC s; `start` < `end`. */
  readonly start: number;
  readonly end: number;
  /** Sum of the intervals that have a value, in the unit of the series; null = none has. */
  readonly energyWh: number | null;
  /** Intervals by the quality of their value. */
  readonly quality: SharedQuality;
}

export interface SharedQuality {
  readonly measured: number;
  readonly estimated: number;
  /** By a person. */
  readonly edited: number;
  /** Without a value. */
  readonly missing: number;
}

/** A bill of the usage point, where the customer shares it. */
export interface SharedBill {
  readonly usagePoint: string;
  /** UTC s. */
  readonly start: number;
  readonly end: number;
  /** ISO 4217. */
  readonly currency: string;
  /** Decimal string of micro-currency. */
  readonly totalMicro: string;
  readonly importWh: number;
  /** UTC s. */
  readonly issuedAt: number;
}

/** The one word for a row's quality, from the worst it has. */
export type RowQuality = 'measured' | 'estimated' | 'edited' | 'incomplete' | 'missing';

export function rowQuality({ energyWh, quality }: SharedRow): RowQuality {
  if (energyWh === null) return 'missing';
  if (quality.missing > 0) return 'incomplete';
  if (quality.estimated > 0) return 'estimated';
  return quality.edited > 0 ? 'edited' : 'measured';
}
