import { type ForecastModelFitted, JoulekeepError } from '../../../events/index.ts';
import { FEATURE_GROUPS } from './feature-groups.ts';
import { dayNumber } from './holidays.ts';
import type { DemandModel } from './model.ts';
import { slotsOfDay } from './series.ts';

const BYTES = 4;

/** The numbers of a model as they are recorded. */
export type ModelNumbers = Pick<
  ForecastModelFitted,
  'zone' | 'intervalMinutes' | 'features' | 'knownSlots' | 'from' | 'until' | 'scaleWh' | 'coefficients' | 'usual' | 'errors'
>;

/** A slot that was never seen has coefficients of 0: its forecast is the base either way. */
export function recordOf(model: DemandModel): ModelNumbers {
  const { zone, intervalMinutes, set, knownSlots, scaleWh, slots, errors } = model;
  const columns = Math.max(...slots.map(({ coefficients }) => coefficients.length));
  const padded = slots.map(({ coefficients }) => (coefficients.length > 0 ? coefficients : new Float32Array(columns)));
  return {
    ...{ zone, intervalMinutes, features: set, knownSlots, scaleWh },
    ...{ from: dateOf(model.from), until: dateOf(model.until) },
    ...{ coefficients: packed(padded), usual: packed(slots.map(({ usual }) => usual)), errors: packed(errors) },
  };
}

/** @throws ERR_FORECAST_INVALID for bytes that are no whole slots or days */
export function modelOf(record: ModelNumbers): DemandModel {
  const { zone, intervalMinutes, features, knownSlots, scaleWh } = record;
  const slots = slotsOfDay(intervalMinutes);
  const coefficients = unpacked(record.coefficients, record.coefficients.length / BYTES / slots);
  const usual = unpacked(record.usual, FEATURE_GROUPS.length);
  if (coefficients.length !== slots || usual.length !== slots) throw damaged(`${coefficients.length} and ${usual.length} slots of ${slots}`);
  return {
    ...{ zone, intervalMinutes, set: features, knownSlots, scaleWh },
    ...{ from: numberOf(record.from), until: numberOf(record.until) },
    slots: coefficients.map((values, slot) => ({ coefficients: values, usual: usual[slot]! })),
    errors: unpacked(record.errors, slots),
  };
}

/** `yyyy-mm-dd`. @param day since 1970-01-01 */
export function dateOf(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

/** Days since 1970-01-01. @param date `yyyy-mm-dd` */
export function numberOf(date: string): number {
  const [year, month, day] = date.split('-').map(Number);
  return dayNumber(year!, month!, day!);
}

function packed(rows: readonly Float32Array[]): Uint8Array {
  const size = rows[0]?.length ?? 0;
  const bytes = new Uint8Array(rows.length * size * BYTES);
  const view = new DataView(bytes.buffer);
  for (const [at, row] of rows.entries()) for (const [i, value] of row.entries()) view.setFloat32((at * size + i) * BYTES, value, true);
  return bytes;
}

function unpacked(bytes: Uint8Array, size: number): Float32Array[] {
  if (!Number.isInteger(size) || size < 1 || bytes.length % (size * BYTES) !== 0) throw damaged(`${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / (size * BYTES) }, (_, at) =>
    Float32Array.from({ length: size }, (_value, i) => view.getFloat32((at * size + i) * BYTES, true)),
  );
}

const damaged = (what: string): JoulekeepError => new JoulekeepError('ERR_FORECAST_INVALID', `record of a model: ${what}`);
