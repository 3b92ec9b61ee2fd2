import type { AccessEvent, AccountEvent } from './account.ts';
import type { AreaEvent } from './area.ts';
import type { AuditEvent } from './audit.ts';
import type { BillEvent } from './bill.ts';
import type { ConsentEvent } from './consent.ts';
import type { DeliveryEvent } from './delivery.ts';
import type { ErasureEvent } from './erasure.ts';
import type { ExceptionEvent } from './exception.ts';
import type { FeedEvent } from './feed.ts';
import type { ForecastEvent } from './forecast.ts';
import type { MeterEvent } from './meter.ts';
import type { MeterDayEvent } from './meterday.ts';
import type { DemandResponseStreamEvent, PriceEvent } from './price.ts';
import type { RecipientEvent } from './recipient.ts';
import type { RelayEvent } from './relay.ts';
import type { ReleaseEvent } from './release.ts';
import type { SegmentEvent } from './segment.ts';
import type { SignInEvent } from './sign-in.ts';
import type { TariffEvent } from './tariff.ts';
import type { UsagePointEvent } from './usagepoint.ts';
import type { VerificationEvent } from './verification.ts';

/** What a stream records. `type` names a fact in the past tense; `data` is plain: numbers, strings, bytes, arrays, records. */
export type DomainEvent =
  | MeterEvent
  | RelayEvent
  | SegmentEvent
  | UsagePointEvent
  | AccountEvent
  | AccessEvent
  | AuditEvent
  | VerificationEvent
  | SignInEvent
  | MeterDayEvent
  | ExceptionEvent
  | TariffEvent
  | BillEvent
  | RecipientEvent
  | ConsentEvent
  | ErasureEvent
  | AreaEvent
  | PriceEvent
  | DemandResponseStreamEvent
  | ReleaseEvent
  | FeedEvent
  | DeliveryEvent
  | ForecastEvent;

export type * from './account.ts';
export * from './annotations.ts';
export type * from './area.ts';
export type * from './audit.ts';
export type * from './bill.ts';
export type * from './consent.ts';
export type * from './delivery.ts';
export type * from './erasure.ts';
export { JoulekeepError } from './errors.ts';
export type * from './exception.ts';
export type * from './feed.ts';
export type * from './forecast.ts';
export type * from './meter.ts';
export type * from './meterday.ts';
export * from './price.ts';
export type * from './recipient.ts';
export type * from './relay.ts';
export type * from './release.ts';
export type * from './segment.ts';
export { HELD_REASONS } from './segment.ts';
export type * from './sign-in.ts';
export type * from './tariff.ts';
export * from './telemetry-record.ts';
export * from './usagepoint.ts';
export * from './vee.ts';
export type * from './verification.ts';
