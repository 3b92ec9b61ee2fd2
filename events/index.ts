import type { MeterEvent } from './meter.ts';
import type { RelayEvent } from './relay.ts';
import type { SegmentEvent } from './segment.ts';

/** What a stream records. `type` names a fact in the past tense; `data` is plain: numbers, strings, bytes, arrays, records. */
export type DomainEvent = MeterEvent | RelayEvent | SegmentEvent;

export { JoulekeepError } from './errors.ts';
export type * from './meter.ts';
export type * from './relay.ts';
export type * from './segment.ts';
export { HELD_REASONS } from './segment.ts';
export * from './telemetry-record.ts';
