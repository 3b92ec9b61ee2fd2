import type { NemUnit } from './units.ts';

/**
 * What a NEM12 or NEM13 file of AEMO's Meter Data File Format says, as data. Stamps stay as they are written (12 or 14
 * digits, market time, UTC+10 all year); dates are `yyyy-mm-dd`; '' = not given.
 * @source MDFF NEM12 & NEM13 v2, sections 4 and 5
 */
export interface NemHeader {
  readonly version: 'NEM12' | 'NEM13';
  /** `yyyymmddhhmm`. */
  readonly created: string;
  readonly from: string;
  readonly to: string;
}

/** A actual, E estimate, F final substitute, N no data, S substitute. V (varies) only says that 400 records follow. */
export type NemFlag = 'A' | 'E' | 'F' | 'N' | 'S';

export interface NemQuality {
  readonly flag: NemFlag;
  /** 11 to 75; with E, F and S only. */
  readonly method: number | null;
  readonly reasonCode: number | null;
  readonly reasonText: string;
}

/** Quality of slots `first` to `last`, from 0. The runs of a day follow each other and cover it. */
export interface QualityRun extends NemQuality {
  readonly first: number;
  readonly last: number;
}

/** What identifies a register: the part that records 200 and 250 have in common. */
export interface NemRegister {
  /** National Metering Identifier. */
  readonly nmi: string;
  readonly configuration: string;
  readonly registerId: string;
  /** E1, B1, Q1, K1: direction and quantity, then the meter's number. */
  readonly suffix: string;
  readonly stream: string;
  readonly serial: string;
  readonly unit: NemUnit;
  readonly nextRead: string;
}

/** Record 200. */
export interface Nem12Channel extends NemRegister {
  readonly minutes: number;
}

/** Record 300 with its 400 and 500 records. */
export interface Nem12Day {
  readonly date: string;
  /** Integers of 10^-decimals of the unit; null where the quality is N, and only there. */
  readonly values: readonly (number | null)[];
  readonly quality: readonly QualityRun[];
  readonly updatedAt: string;
  readonly loadedAt: string;
  readonly transactions: readonly Nem12Transaction[];
}

/** Record 500. */
export interface Nem12Transaction {
  readonly code: string;
  readonly serviceOrder: string;
  readonly readAt: string;
  readonly indexRead: string;
}

export interface Nem13RegisterRead {
  /** As the register shows it, leading zeros kept. */
  readonly register: string;
  readonly at: string;
  readonly quality: NemQuality;
}

/** Record 250 with its 550 records. */
export interface Nem13Read extends NemRegister {
  /** E = from the grid, I = into it. */
  readonly direction: 'E' | 'I';
  readonly previous: Nem13RegisterRead;
  readonly current: Nem13RegisterRead;
  /** Integer of 10^-decimals of the unit. */
  readonly quantity: number;
  readonly updatedAt: string;
  readonly loadedAt: string;
  readonly transactions: readonly Nem13Transaction[];
}

/** Record 550. */
export interface Nem13Transaction {
  readonly previousCode: string;
  readonly previousServiceOrder: string;
  readonly currentCode: string;
  readonly currentServiceOrder: string;
}

/** What a reader hands out and a writer takes, in the order of the file; a day belongs to the channel before it. */
export interface NemVisitor {
  header(header: NemHeader): void;
  channel(channel: Nem12Channel, line: number): void;
  day(day: Nem12Day, line: number): void;
  read(read: Nem13Read, line: number): void;
}
