import { SCALED, SLOT_SOURCES, type SlotSource } from '../../events/index.ts';

/** Quality of one value as AEMO's meter data files say it: flag, and method where the value was substituted or estimated. */
export interface AemoQuality {
  /** Actual, final substituted, substituted, forward estimate, null; V says that a day has several. */
  readonly flag: 'A' | 'F' | 'S' | 'E' | 'N' | 'V';
  /** 11 to 75; null with A, N and V. */
  readonly method: number | null;
}

/** What a slot is: a byte of SLOT_SOURCES with SCALED, and whether its day is final. */
export interface SlotQuality {
  readonly source: number;
  readonly final: boolean;
}

interface Row {
  readonly source: SlotSource;
  readonly scaled?: true;
  readonly flag: 'A' | 'S' | 'E' | 'N';
  readonly method: number | null;
  /** Methods of others that come to the same; they are read, not written. */
  readonly also: readonly number[];
  /** ESPI QualityOfReading while provisional, and once final; null = there is no reading. */
  readonly espi: readonly [provisional: number, final: number] | null;
}

/**
 * The one table. A held reading leaves as null data: AEMO has no word for a value that nobody may count on, and it comes back as missing.
 * Register scaling has a word with E3 only, the method that is chosen where registers stand; with others the shape's method is told.
 * @source AEMO MDFF NEM12 & NEM13 appendix E; NAESB ESPI 4.0 QualityOfReading
 */
const TABLE: readonly Row[] = [
  { source: 'missing', flag: 'N', method: null, also: [], espi: null },
  { source: 'measured', flag: 'A', method: null, also: [], espi: [0, 19] },
  { source: 'held', flag: 'N', method: null, also: [], espi: [10, 10] },
  { source: 'E0', flag: 'S', method: 19, also: [], espi: [11, 11] },
  { source: 'E1', flag: 'S', method: 11, also: [13, 18], espi: [11, 11] },
  { source: 'E2', flag: 'S', method: 17, also: [54, 69], espi: [9, 9] },
  { source: 'E3', flag: 'S', method: 15, also: [22], espi: [8, 8] },
  { source: 'E3', scaled: true, flag: 'S', method: 24, also: [], espi: [8, 8] },
  { source: 'E4', flag: 'S', method: 14, also: [20], espi: [8, 8] },
  { source: 'E5', flag: 'S', method: 23, also: [51, 61], espi: [8, 8] },
  { source: 'E7', flag: 'S', method: 57, also: [63], espi: [17, 17] },
  { source: 'E8', flag: 'S', method: 25, also: [62, 65], espi: [17, 17] },
  { source: 'E9', flag: 'S', method: 12, also: [71, 72, 73, 75], espi: [11, 11] },
  { source: 'E10', flag: 'S', method: 58, also: [21, 59, 68], espi: [17, 17] },
  { source: 'E11', flag: 'S', method: 16, also: [53, 55, 56, 64, 66, 67, 74], espi: [7, 7] },
  { source: 'EX', flag: 'E', method: 52, also: [], espi: [12, 12] },
];

/** @param source index into SLOT_SOURCES, with SCALED @throws RangeError for an index that is none */
export function toAemo({ source, final }: SlotQuality): AemoQuality & { readonly flag: Exclude<AemoQuality['flag'], 'V'> } {
  const { flag, method } = rowOf(source);
  return { flag: flag === 'S' && final ? 'F' : flag, method };
}

/** @returns undefined for V, which is no quality of one value, and for a method that AEMO does not know */
export function fromAemo({ flag, method }: AemoQuality): SlotQuality | undefined {
  if (flag === 'V') return undefined;
  if (flag === 'A' || flag === 'N') return { source: SLOT_SOURCES.indexOf(flag === 'A' ? 'measured' : 'missing'), final: flag === 'A' };
  const row = TABLE.find((candidate) => method !== null && (candidate.method === method || candidate.also.includes(method)));
  if (row === undefined) return undefined;
  // A forward estimate is one by whatever method it was made.
  return flag === 'E' ? { source: SLOT_SOURCES.indexOf('EX'), final: false } : { source: byteOf(row), final: flag === 'F' };
}

/** ESPI's QualityOfReading; null = there is no reading to have one. */
export function toEspi({ source, final }: SlotQuality): number | null {
  return rowOf(source).espi?.[final ? 1 : 0] ?? null;
}

/** Qualities that ESPI knows and the table does not write: raw, weather-adjusted, verified in spite of a failed check. */
const READ_FROM_ESPI: Readonly<Record<number, SlotSource>> = { 8: 'E3', 11: 'E9', 14: 'measured', 15: 'E9', 17: 'E8', 18: 'measured' };

/** @returns undefined for mixed (13) and other (16), which say nothing of one value, and for codes that ESPI does not have */
export function fromEspi(code: number): SlotQuality | undefined {
  const source = READ_FROM_ESPI[code] ?? TABLE.find(({ espi }) => espi?.includes(code))?.source;
  return source && { source: SLOT_SOURCES.indexOf(source), final: code === 19 || code === 18 };
}

/** IEC 61968-9 ReadingQualityType: meter data management (3), category, generic index. Its categories are ESPI's but for interpolation, and what is valid. */
export function toIec61968(quality: SlotQuality): string | null {
  const code = toEspi(quality);
  if (code === null) return null;
  const category = code === 19 ? 0 : code === 9 || code === 17 ? 8 : code;
  return `3.${category}.0`;
}

function rowOf(byte: number): Row {
  const source = SLOT_SOURCES[byte & ~SCALED];
  const scaled = (byte & SCALED) !== 0;
  const rows = TABLE.filter((row) => row.source === source);
  const row = rows.find((candidate) => (candidate.scaled ?? false) === scaled) ?? rows[0];
  if (row === undefined) throw new RangeError(`no source of a slot: ${byte}`);
  return row;
}

function byteOf({ source, scaled }: Row): number {
  return SLOT_SOURCES.indexOf(source) | (scaled ? SCALED : 0);
}
