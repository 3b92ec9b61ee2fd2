import type { AccountEvent, BillEvent, BillLine, ChannelOutcome, MeterDayEvent, TariffEvent, UsagePointEvent } from '../../events/index.ts';
import { ASSET, channelOf, METER } from '../subjects/given.ts';

type DataOf<Event, Type> = Extract<Event, { readonly type: Type; readonly data: unknown }>['data'];
/** Data of one event of every type. */
type One<Event extends { readonly type: string }> = { readonly [Type in Event['type']]: DataOf<Event, Type> };

const AT = Date.UTC(2026, 9, 24);
const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => i);
const asset = { ...ASSET, meterClass: 'residential' } as const;

const PERIOD = { accountId: 'acc-1', usagePoint: 'up-1', from: '2026-10-24', until: '2026-10-27' };
const LINE: BillLine = {
  ...{ code: 'energy/peak', quantity: '100', unit: 'Wh', priceMicro: '310000', amountMicro: '-1000', remainder: '0/1' },
  ...{ corrects: 'bill/acc-1/up-1.2026-09-24#1', from: '2026-10-24', until: '2026-10-27' },
};
const STATEMENT = {
  ...{ period: PERIOD, currency: 'GBP', totalMicro: '1050', estimatedPerMille: 1, onEstimates: false },
  ...{ importWh: '100', exportWh: '0', maximumWh: '60', carriedWh: { peak: '1' }, carriedMicro: '2', findings: ['V17'] },
  lines: [LINE],
  inputs: [{ stream: `meterday/${METER}/2026-10-24`, revision: 1 }],
  tariffs: [{ tariff: 'bands', version: 1, from: '2026-01-01' }],
  spans: [{ from: 1_792_800_000, until: 1_793_059_200 }],
  basis: {
    ...{
      zone: 'Europe/London',
      calendarDays: 3,
      chargeableFrom: '2025-10-24',
      broughtWh: { peak: '3' },
      broughtMicro: '4',
      billedMicro: '5',
    },
    unread: [
      {
        ...{ stream: `meterday/${METER}/2026-10-25`, day: '2026-10-25', start: 1_792_886_400, slots: 96, minutes: 15 },
        channels: [{ obis: '1-0:1.8.0', direction: 'import', unit: 'Wh' }],
      },
    ],
  },
  ...{ approvedBy: 'ann', demandApprovedBy: 'bob' },
} as const;

/** One of every type, with every member that it can have. */
export const BILL: One<BillEvent> = {
  BillHeld: {
    ...{ period: PERIOD, reasons: ['missing'], missing: 1, estimatedShare: 2, failed: 3, until: AT + 1, at: AT },
    rated: { hash: 'ab', currency: 'GBP', totalMicro: '1', importWh: '2', exportWh: '3', withDemand: { hash: 'cd', totalMicro: '4' } },
  },
  BillHoldEnded: { reason: 'again', at: AT },
  BillComputed: { ...STATEMENT, revision: 1, reason: 'looked at it\nwith care', at: AT },
  BillRerated: { ...STATEMENT, revision: 2, beforeMicro: '1000', differenceMicro: '50', reason: 'late data', at: AT },
};

const FRAME = {
  ...{ usagePoint: 'up-1', meterId: METER, day: '2026-10-24', part: 1, subject: 'acc-1', start: 1_792_800_000, end: 1_792_886_400 },
  ...{ minutes: 15, zone: 'Europe/London' },
};
const FAULT = { channel: 0, from: 1_792_800_000, until: 1_792_803_600, what: 'chain-head' } as const;
const CHANGED = { slots: bytes(2), counts: bytes(4), sources: bytes(1), confidence: bytes(1) };
const EDIT = { edit: 2, kind: 'values', channel: 0, ...CHANGED, reason: 'read', note: 'by\nhand', by: 'ann', undoes: 1, at: AT } as const;
/** Anew for each: what is decoded has nothing in two places. */
const channel = (): ChannelOutcome => ({
  ...{
    channel: 0,
    direction: 'import',
    unit: 'Wh',
    perCount: 1.5,
    energyWh: 10.5,
    measured: 92,
    estimated: 1,
    edited: 1,
    held: 1,
    missing: 1,
  },
});
const OUTCOME = { revision: 1, channels: [channel()], held: false, at: AT };
const COLLECTED: One<MeterDayEvent>['ReadingsCollected'] = {
  frame: FRAME,
  through: { segment: '00000', version: 7, since: AT },
  channels: [
    {
      ...{ channel: 0, asset: channelOf('1-0:1.8.0'), capacity: 5_750, records: bytes(26), annotations: bytes(8), heads: bytes(12) },
      ...{ registerBefore: -1, registerAfter: 10, offGrid: true },
    },
  ],
  seals: [bytes(80)],
  outages: [{ from: 1_792_800_000, until: 1_792_803_600 }],
  at: AT,
};

export const METER_DAY: One<MeterDayEvent> = {
  ReadingsCollected: COLLECTED,
  DayVerified: { seal: 'verified', chain: 'verified', at: AT },
  ProfileChainBroken: FAULT,
  SealMismatch: FAULT,
  DayValidated: {
    policy: 'default 1',
    channels: [{ channel: 0, slots: bytes(2), errors: bytes(4), warnings: bytes(4), ...{ dayErrors: 1, dayWarnings: 0, bracket: -1 } }],
    at: AT,
  },
  SlotsEstimated: { channels: [{ channel: 0, ...CHANGED, inputs: 'register 4411..5020' }], at: AT },
  EditProposed: EDIT,
  EditRejected: { edit: 1, by: 'bob', at: AT },
  SlotsEdited: { ...EDIT, approvedBy: 'bob' },
  DayProvisional: OUTCOME,
  DayFinalized: { ...OUTCOME, word: { reason: 'lost', note: 'burnt\ndown', by: 'ann' } },
  DayRestated: { ...OUTCOME, revision: 2, before: [channel()], reason: 'edit', by: 'ann' },
  DaySettled: { run: 'r1', revision: 1, at: AT },
  DayResealed: {
    frame: FRAME,
    history: [{ type: 'ReadingsCollected', data: { ...COLLECTED, frame: { ...FRAME, part: 2 } } }],
    reason: 'tenancy',
    at: AT,
  },
};

const SPANS = [{ from: AT, until: AT + 1 }];

export const ACCOUNT: One<AccountEvent> = {
  AccountOpened: { accountId: 'acc-1', at: AT },
  TenancyStarted: { usagePoint: 'up-1', from: AT, at: AT },
  TenancyEnded: { usagePoint: 'up-1', until: AT, at: AT },
  TenancyAmended: { usagePoint: 'up-1', spans: SPANS, at: AT },
  PointStated: {
    ...{ usagePoint: 'up-1', through: 4, spans: SPANS, at: AT },
    meters: [{ meterId: METER, from: AT, until: AT + 1, asset }],
    multipliers: [{ meterId: METER, channel: 0, multiplier: 0.5, validFrom: AT }],
    tariffs: [{ tariff: 'bands', from: '2026-01-01' }],
  },
  AccountClosed: { at: AT },
};

const REGISTERS = [{ channel: 0, counts: 17 }];
const SWITCHED = { instant: AT, reason: 'fire', by: 'ann', at: AT };

export const USAGE_POINT: One<UsagePointEvent> = {
  UsagePointOpened: { usagePoint: 'up-1', premises: 'p-1', zone: 'Europe/London', areaLeaf: 'north-1', meterClass: 'residential', at: AT },
  MeterInstalled: { meterId: METER, from: AT, asset, registers: REGISTERS, at: AT },
  MeterRemoved: { meterId: METER, until: AT, registers: REGISTERS, at: AT },
  MultiplierCorrected: { meterId: METER, channel: 0, multiplier: 0.5, validFrom: AT, reason: 'transformer', by: 'ann', at: AT },
  SupplyDisconnected: SWITCHED,
  SupplyReconnected: SWITCHED,
  TenancyCut: { subject: 'acc-1', from: AT, at: AT },
  TenancyCorrected: { since: AT, cuts: [{ subject: 'utility', from: AT }], reason: 'moved', by: 'ann', at: AT },
  MoveRead: { meterId: METER, instant: AT, registers: REGISTERS, kind: 'agreed', by: 'ann', at: AT },
  TariffAssigned: { tariff: 'bands', from: '2026-01-01', at: AT },
};

export const TARIFF: One<TariffEvent> = {
  TariffPublished: {
    ...{ tariff: 'bands', version: 1, from: '2026-01-01', document: '{\n}', at: AT },
    series: [{ name: 'market', key: 'tariff-series/ab' }],
  },
};
