import { row } from './cells.ts';

/** What a meter told of itself, or what was found about it. */
export interface MeterLogEntry {
  readonly meterId: string;
  /** UTC seconds. */
  readonly at: number;
  /** e.g. `tamperCover`, `outageStart`, `clockSet`. */
  readonly event: string;
  /** Of the event's own meaning; null = none. */
  readonly value: number | null;
}

/** Grid quality over one interval, as measured by the meter. */
export interface QualityEntry {
  readonly meterId: string;
  /** UTC seconds. */
  readonly end: number;
  readonly minutes: number;
  /** Tenths of a volt. */
  readonly voltageMin: number;
  readonly voltageMean: number;
  readonly voltageMax: number;
  /** Millihertz. */
  readonly frequency: number;
  /** Thousandths. */
  readonly powerFactor: number;
}

export const LOG_HEADER = row(['meterId', 'at_utc', 'event', 'value']);
export const QUALITY_HEADER = row([
  'meterId',
  'end_utc',
  'minutes',
  'voltage_min_v',
  'voltage_mean_v',
  'voltage_max_v',
  'frequency_hz',
  'power_factor',
]);

export function logLine({ meterId, at, event, value }: MeterLogEntry): string {
  return row([meterId, instant(at), event, value]);
}

export function qualityLine({ meterId, end, minutes, voltageMin, voltageMean, voltageMax, frequency, powerFactor }: QualityEntry): string {
  const voltages = [voltageMin, voltageMean, voltageMax].map((tenths) => tenths / 10);
  return row([meterId, instant(end), minutes, ...voltages, frequency / 1_000, powerFactor / 1_000]);
}

function instant(at: number): string {
  return `${new Date(at * 1000).toISOString().slice(0, 19)}Z`;
}
