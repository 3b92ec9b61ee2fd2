import { type ForecastModelFitted, JoulekeepError } from '../../../events/index.ts';
import { FEATURE_GROUPS } from './feature-groups.ts';
import { COLUMNS_VERSION } from './features.ts';
import { dayNumber } from './holidays.ts';
import type { DemandModel } from './model.ts';
import { slotsOfDay } from './series.ts';

const BYTES = 4;
const GROUPS = FEATURE_GROUPS.length;

/** What a model is, without its numbers. */
export type ModelOutline = Pick<
  ForecastModelFitted,
  'zone' | 'intervalMinutes' | 'features' | 'columnsVersion' | 'knownSlots' | 'from' | 'until' | 'scaleWh'
>;

export function outlineOf({ zone, intervalMinutes, set, knownSlots, scaleWh, from, until }: DemandModel): ModelOutline {
  const [first, last] = [dateOf(from), dateOf(until)];
  return { zone, intervalMinutes, features: set, columnsVersion: COLUMNS_VERSION, knownSlots, scaleWh, from: first, until: last };
}

/**
 * The numbers of a model in single precision, little-endian: how many columns and how many days of errors; then slot by slot the coefficients and
 * the parts of the average day; then the errors, day by day. A slot that was never seen has coefficients of 0: its forecast is the base either way.
 */
export function numbersOf({ slots, errors }: DemandModel): Uint8Array {
  const columns = Math.max(...slots.map(({ coefficients }) => coefficients.length));
  const values: number[] = [columns, errors.length];
  for (const { coefficients, usual } of slots) {
    for (let i = 0; i < columns; i++) values.push(coefficients[i] ?? 0);
    values.push(...usual);
  }
  for (const day of errors) values.push(...day);
  const bytes = new Uint8Array(values.length * BYTES);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setFloat32(i * BYTES, value, true);
  return bytes;
}

/** Whether a recorded model's coefficients belong to the columns there are now. One of before can't be used, only fitted again. */
export function isReadable({ columnsVersion }: Pick<ModelOutline, 'columnsVersion'>): boolean {
  return columnsVersion === COLUMNS_VERSION;
}

/** @throws ERR_FORECAST_COLUMNS for a model of other columns than there are now, ERR_FORECAST_INVALID for numbers that are not those of such a model */
export function modelOf(outline: ModelOutline, numbers: Uint8Array): DemandModel {
  const { zone, intervalMinutes, features, knownSlots, scaleWh, from, until } = outline;
  if (!isReadable(outline)) {
    const found = outline.columnsVersion ?? 'none';
    throw new JoulekeepError('ERR_FORECAST_COLUMNS', `a model of columns version ${found}: forecasts know ${COLUMNS_VERSION}`);
  }
  const view = new DataView(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  const values = Float32Array.from({ length: Math.floor(numbers.length / BYTES) }, (_, i) => view.getFloat32(i * BYTES, true));
  const [columns = 0, days = 0] = values;
  const count = slotsOfDay(intervalMinutes);
  const perSlot = columns + GROUPS;
  if (numbers.length !== BYTES * (2 + count * perSlot + days * count)) {
    throw new JoulekeepError('ERR_FORECAST_INVALID', `${numbers.length} bytes are no model of ${count} slots`);
  }
  const slots = Array.from({ length: count }, (_, slot) => {
    const begin = 2 + slot * perSlot;
    return { coefficients: values.slice(begin, begin + columns), usual: values.slice(begin + columns, begin + perSlot) };
  });
  const errorsFrom = 2 + count * perSlot;
  const errors = Array.from({ length: days }, (_, day) => values.slice(errorsFrom + day * count, errorsFrom + (day + 1) * count));
  return { zone, intervalMinutes, set: features, knownSlots, scaleWh, from: numberOf(from), until: numberOf(until), slots, errors };
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
