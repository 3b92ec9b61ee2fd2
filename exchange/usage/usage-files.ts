import { row } from '../csv/cells.ts';
import { localClock } from './local-clock.ts';
import { rowQuality, type SharedUsage } from './shared-usage.ts';

const SERIES = ['usage_point', 'direction', 'unit', 'zone', 'resolution', 'interval_minutes', 'start_utc', 'end_utc'];
const LOCAL = ['start_local', 'end_local'];
const VALUES = ['energy', 'quality', 'measured', 'estimated', 'edited', 'missing'];

/** The rows of a feed as CSV, a line each; `energy` is empty where none is known. @param localTime besides, with its offset to UTC */
export function* usageCsvLines(
  { series }: Pick<SharedUsage, 'series'>,
  { localTime = false }: { readonly localTime?: boolean } = {},
): Generator<string, void, void> {
  yield row([...SERIES, ...(localTime ? LOCAL : []), ...VALUES]);
  for (const { usagePoint, direction, unit, zone, resolution, intervalMinutes, rows } of series) {
    const local = localClock(zone);
    for (const one of rows) {
      const { measured, estimated, edited, missing } = one.quality;
      yield row([
        ...[usagePoint, direction, unit, zone, resolution, intervalMinutes, utc(one.start), utc(one.end)],
        ...(localTime ? [local(one.start), local(one.end)] : []),
        ...[one.energyWh, rowQuality(one), measured, estimated, edited, missing],
      ]);
    }
  }
}

/** The same as JSON, with bills. */
export function usageJson({ series, bills }: SharedUsage): string {
  const shown = series.map(({ rows, ...lane }) => ({
    ...lane,
    rows: rows.map((one) => ({ start: utc(one.start), end: utc(one.end), energy: one.energyWh, quality: rowQuality(one), ...one.quality })),
  }));
  const billed = bills.map(({ start, end, issuedAt, ...bill }) => ({ ...bill, start: utc(start), end: utc(end), issuedAt: utc(issuedAt) }));
  return JSON.stringify({ format: 'joulekeep-usage-1', series: shown, bills: billed });
}

function utc(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
