import type { MeterClass } from '../../events/index.ts';

/**
 * What the rules and methods compare with, per meter class. Shares are fractions (0.1 = 10 %), energy Wh. A policy is never
 * changed, only followed by one with the next number: meter days name the one that judged them.
 */
export interface VeePolicy {
  /** Class and number, as it stands in DayValidated. */
  readonly name: string;
  readonly meterClass: MeterClass;
  readonly number: number;
  readonly validation: ValidationPolicy;
  readonly estimation: EstimationPolicy;
  readonly billing: HoldPolicy;
}

export interface ValidationPolicy {
  /** V06: an interval may end so much after the judgement. */
  readonly futureSeconds: number;
  /** V06: older than that is quarantined. */
  readonly oldestDays: number;
  /** V08: factor on what the service fuse carries. */
  readonly fuseTolerance: number;
  /** V10: how far the largest may exceed the third largest, and below which it is only warned of. */
  readonly spikeExcess: number;
  readonly spikeSmallWh: number;
  /** V11: window on each side, factor on the scaled deviation, least deviation. */
  readonly outlierWindow: number;
  readonly outlierFactor: number;
  readonly outlierFloorWh: number;
  /** V12: change against the last valid slot, both exceeded. */
  readonly stepShare: number;
  readonly stepWh: number;
  /** V13: zeros for longer than this. */
  readonly zeroRunMinutes: number;
  /** V14: equal non-zero values in a row. */
  readonly flatSlots: number;
  /** V15 where the register is not of the same counts: the larger of one register unit and this share. */
  readonly sumShare: number;
  /** V17: average daily use against the period compared with. */
  readonly lowUse: number;
  readonly highUse: number;
  /** V18: maximum against the previous period's. */
  readonly maximumShare: number;
  /** V23: energy a day while disconnected. */
  readonly disconnectedWh: number;
  /** V24: days of estimates in a row that make an event, and an alarm. */
  readonly estimatedDays: number;
  readonly estimatedAlarmDays: number;
  /** V26: silence, and share of slots in the time watched. */
  readonly silentHours: number;
  readonly coverage: number;
  /** V27 after billing: a new value against the published one, either exceeded. */
  readonly restatedWh: number;
  readonly restatedShare: number;
}

export interface EstimationPolicy {
  /** E2: longest gap. */
  readonly linearMinutes: number;
  /** E3: valid same-weekday days needed, and how far back. */
  readonly likeDays: number;
  readonly likeWeeks: number;
}

/** When a bill is held, for billing. */
export interface HoldPolicy {
  readonly estimatedShare: number;
  readonly holdDays: number;
  readonly backBillingMonths: number;
}

const RESIDENTIAL: VeePolicy = {
  name: 'residential/1',
  meterClass: 'residential',
  number: 1,
  validation: {
    futureSeconds: 600,
    oldestDays: 45,
    fuseTolerance: 1.1,
    spikeExcess: 1.8,
    spikeSmallWh: 500,
    outlierWindow: 12,
    outlierFactor: 6,
    outlierFloorWh: 10,
    stepShare: 4,
    stepWh: 1000,
    zeroRunMinutes: 60,
    flatSlots: 8,
    sumShare: 0.001,
    lowUse: 0.5,
    highUse: 2,
    maximumShare: 2,
    disconnectedWh: 100,
    estimatedDays: 5,
    estimatedAlarmDays: 14,
    silentHours: 36,
    coverage: 0.95,
    restatedWh: 1000,
    restatedShare: 0.1,
  },
  estimation: { linearMinutes: 120, likeDays: 3, likeWeeks: 6 },
  billing: { estimatedShare: 0.2, holdDays: 30, backBillingMonths: 12 },
};

/** Larger connections: the same shares, ten times the energy below which a home's rules keep quiet. */
const COMMERCIAL: VeePolicy = {
  ...RESIDENTIAL,
  name: 'commercial/1',
  meterClass: 'commercial',
  validation: {
    ...RESIDENTIAL.validation,
    spikeSmallWh: 5000,
    outlierFloorWh: 100,
    stepWh: 10_000,
    disconnectedWh: 1000,
    restatedWh: 10_000,
  },
};

/** Feeder heads: a hundred times, and no customer to bill. */
const GRID: VeePolicy = {
  ...RESIDENTIAL,
  name: 'grid/1',
  meterClass: 'grid',
  validation: {
    ...RESIDENTIAL.validation,
    ...{ spikeSmallWh: 50_000, outlierFloorWh: 1000, stepWh: 100_000, disconnectedWh: 10_000, restatedWh: 100_000 },
  },
};

/** The policies in force. */
export const VEE_POLICIES: Readonly<Record<MeterClass, VeePolicy>> = { residential: RESIDENTIAL, commercial: COMMERCIAL, grid: GRID };
