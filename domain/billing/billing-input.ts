import type { BillPeriod, MeterClass } from '../../events/index.ts';
import type { TariffSeries } from '../tariff/series.ts';
import type { Tariff } from '../tariff/tariff.ts';

/** Everything a bill is rated from, and nothing else: the same input gives the same statement to the last unit. */
export interface BillingInput {
  readonly period: BillPeriod;
  readonly meterClass: MeterClass;
  /** Days of the whole calendar period, also where the tenancy covers fewer. */
  readonly calendarDays: number;
  /** Instants for which the account pays: the period cut to its tenancies, UTC s, rising. */
  readonly spans: readonly { readonly from: number; readonly until: number }[];
  /** Local dates whose first instant lies in a span: each has one standing charge, each date at one account at most. */
  readonly standingDays: readonly string[];
  /**
   * Final days of every meter of the usage point; around an exchange two with the same date. A day that is not final comes
   * as a frame: revision 0, its channels without values.
   */
  readonly days: readonly RatedDay[];
  /** Days that are not final yet. */
  readonly notFinal: number;
  /** Which tariff holds from which local date on, rising. The first holds on the first day of the period. */
  readonly tariffs: readonly TariffAssignment[];
  /** What stood to the account's credit at the end of the period before. */
  readonly brought: Carried;
  /** Differences of earlier bills that no bill has settled yet. */
  readonly trueUps: readonly TrueUp[];
  /** First local date that may still be charged when it is billed later than it should: back-billing limit. */
  readonly chargeableFrom: string;
  /** What has been billed for the period so far, back-billing is measured against it; absent = nothing. */
  readonly billedMicro?: bigint;
  /** A person lets maximum demand be taken from estimated slots. */
  readonly demandApprovedBy?: string;
}

/** One final day of one meter, or the part of it that is this account's. */
export interface RatedDay {
  readonly stream: string;
  readonly revision: number;
  /** Local date. */
  readonly day: string;
  /** UTC s; slot i begins at `start + i * minutes * 60`. */
  readonly start: number;
  readonly minutes: number;
  /** Local minute of the day at which each slot begins, from the zone: jumps in spring, repeats in autumn. */
  readonly localMinutes: Uint16Array;
  /** Its slots, registers or profile contradict each other. */
  readonly held: boolean;
  readonly channels: readonly RatedChannel[];
}

export interface RatedChannel {
  /** e.g. `1-0:1.8.0`; the last group is 0 in a total register, else the number of a tariff register. */
  readonly obis: string;
  readonly direction: 'import' | 'export';
  readonly unit: 'Wh' | 'varh' | 'VAh';
  /** Units of one count: scale times multiplier in force, a whole number. */
  readonly perCount: number;
  /** u32 per slot; NO_COUNTS = none. */
  readonly counts: Uint32Array;
  /** Per slot, index into SLOT_SOURCES, SCALED beside it. */
  readonly sources: Uint8Array;
}

export interface TariffAssignment {
  readonly tariff: Tariff;
  readonly version: number;
  /** Local date. */
  readonly from: string;
  /** By name, as the tariff's pricing asks for them. */
  readonly series: ReadonlyMap<string, TariffSeries>;
}

/** Credit that outlives its period: energy per band, and money as a positive amount. */
export interface Carried {
  readonly energyWh: Readonly<Record<string, bigint>>;
  readonly moneyMicro: bigint;
}

export interface TrueUp {
  /** Stream and revision of the bill it corrects, `bill/<account>/<point>.<day>#<revision>`. */
  readonly corrects: string;
  readonly differenceMicro: bigint;
}
