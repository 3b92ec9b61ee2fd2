import * as z from 'zod';
import { LocalDate } from '../../../api/common.ts';
import type { UsagePointEvent } from '../../../events/index.ts';
import { AssetRecord, MeterClass } from './asset.ts';
import { eventsOf } from './events-of.ts';
import { ChannelNumber, Count, Finite, Instant, Name, Words } from './values.ts';

const Registers = z.array(z.strictObject({ channel: ChannelNumber, counts: Count }));
const SupplySwitched = z.strictObject({ instant: Instant, reason: Words, by: Name, at: Instant });

export const USAGE_POINT_EVENT = eventsOf<UsagePointEvent>()({
  UsagePointOpened: z.strictObject({
    usagePoint: Name,
    premises: Words,
    zone: Name.min(1),
    areaLeaf: Name,
    meterClass: MeterClass,
    at: Instant,
  }),
  MeterInstalled: z.strictObject({ meterId: Name, from: Instant, asset: AssetRecord, registers: Registers, at: Instant }),
  MeterRemoved: z.strictObject({ meterId: Name, until: Instant, registers: Registers, at: Instant }),
  MultiplierCorrected: z.strictObject({
    meterId: Name,
    channel: ChannelNumber,
    multiplier: Finite,
    validFrom: Instant,
    reason: Words,
    by: Name,
    at: Instant,
  }),
  SupplyDisconnected: SupplySwitched,
  SupplyReconnected: SupplySwitched,
  TenancyCut: z.strictObject({ subject: Name, from: Instant, at: Instant }),
  TenancyCorrected: z.strictObject({
    since: Instant,
    cuts: z.array(z.strictObject({ subject: Name, from: Instant })),
    reason: Words,
    by: Name,
    at: Instant,
  }),
  MoveRead: z.strictObject({
    meterId: Name,
    instant: Instant,
    registers: Registers,
    kind: z.enum(['measured', 'interpolated', 'agreed']),
    by: Name.exactOptional(),
    at: Instant,
  }),
  TariffAssigned: z.strictObject({ tariff: Name, from: LocalDate, at: Instant }),
});
