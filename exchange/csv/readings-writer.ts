import type { Lane, Slot } from '../slots.ts';
import { row } from './cells.ts';

/** Readings and nothing else; energy in Wh. */
export const PLAIN = ['meterId', 'channel', 'end_utc', 'wh'] as const;

/**
 * Readings with their standing: `value` and `register` in `unit`; `quality` is a slot source, with `+ES` where the register
 * scaled the estimate; `confidence` in per cent; `edit` numbers the edit that the value stems from; `state` of the day is
 * provisional or final.
 */
export const FULL = [
  'usage_point',
  'meterId',
  'channel',
  'direction',
  'unit',
  'end_utc',
  'minutes',
  'value',
  'quality',
  'confidence',
  'register',
  'revision',
  'edit',
  'edit_reason',
  'state',
] as const;

export const SCALED_MARK = '+ES';

/** Header line of a shape. */
export function csvHeader(shape: typeof PLAIN | typeof FULL): string {
  return row(shape);
}

export function plainLine(
  { meterId, channel }: Pick<Lane, 'meterId' | 'channel'>,
  { end, energyWh }: Pick<Slot, 'end' | 'energyWh'>,
): string {
  return row([meterId, channel, endUtc(end), energyWh]);
}

export function fullLine({ usagePoint, meterId, channel, direction, unit, minutes }: Lane, slot: Slot): string {
  const { end, energyWh, source, scaled, confidence, register, revision, edit, final } = slot;
  const quality = scaled ? `${source}${SCALED_MARK}` : source;
  const identity = [usagePoint, meterId, channel, direction, unit, endUtc(end), minutes];
  return row([...identity, energyWh, quality, confidence, register, revision, edit?.number ?? null, edit?.reason ?? '', stateOf(final)]);
}

export function stateOf(final: boolean): 'final' | 'provisional' {
  return final ? 'final' : 'provisional';
}

/** `2013-06-01T00:30Z`. @param end UTC seconds, whole minutes */
export function endUtc(end: number): string {
  return `${new Date(end * 1000).toISOString().slice(0, 16)}Z`;
}
