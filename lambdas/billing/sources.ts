import type { BillState } from '../../domain/billing/bill.ts';
import type { BillCommand } from '../../domain/billing/bill-command.ts';
import type { TariffAssignment } from '../../domain/billing/billing-input.ts';
import type { DividingPoint, MeterStay } from '../../domain/usagepoint/day-parts.ts';
import type { BillEvent, Channel, MeterClass } from '../../events/index.ts';
import type { Clock } from '../../platform/ports/platform.ts';

/**
 * What billing needs of the rest, opened for one run: subject data comes through an access that names every subject of it.
 */
export interface BillingSources {
  readonly clock: Clock;
  /** @throws ERR_POINT_UNKNOWN */
  point(usagePoint: string): Promise<BilledPoint>;
  /** The days as they stand, one per place; undefined where nothing was collected. */
  days(places: readonly DayPlace[]): Promise<readonly (RecordedDay | undefined)[]>;
  /** Published versions, rising by date. @throws ERR_TARIFF_UNKNOWN */
  tariff(id: string): Promise<readonly TariffAssignment[]>;
  bill(stream: string): Promise<BillState>;
  /** Decides and appends under the billing key of the account. */
  record(
    stream: string,
    account: string,
    command: BillCommand,
  ): Promise<{ readonly events: readonly BillEvent[]; readonly state: BillState }>;
  /** First days of the bills that an account has at a usage point, rising. */
  firstDays(account: string, usagePoint: string): Promise<readonly string[]>;
}

/** A usage point as a bill follows it. Instants are UTC ms, lists rise. */
export interface BilledPoint extends DividingPoint {
  /** By meter of it: where it hung, here and elsewhere, because the parts of a day are numbered over all of them. */
  readonly stays: ReadonlyMap<string, readonly MeterStay[]>;
  readonly zone: string;
  readonly meterClass: MeterClass;
  readonly tariffs: readonly { readonly tariff: string; readonly from: string }[];
}

/** A day of a meter, or the part of it that is the account's. */
export interface DayPlace {
  readonly account: string;
  readonly stream: string;
  readonly day: string;
  /** UTC s. */
  readonly start: number;
  readonly end: number;
  readonly minutes: number;
  readonly channels: readonly Channel[];
}

/** A meter day as it stands, slots as everybody downstream sees them. */
export interface RecordedDay {
  readonly final: boolean;
  readonly held: boolean;
  /** Of its outcome. */
  readonly revision: number;
  readonly channels: readonly RecordedChannel[];
}

export interface RecordedChannel {
  readonly asset: Pick<Channel, 'obis' | 'direction' | 'unit'>;
  readonly perCount: number;
  /** u32 per slot; NO_COUNTS = none. */
  readonly counts: Uint32Array;
  /** Index into SLOT_SOURCES per slot. */
  readonly sources: Uint8Array;
}
