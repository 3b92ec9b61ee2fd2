import type { DemandTrend, Growth, SpanTrend } from '../../domain/demand/trend.ts';
import type { ExplainedForecast, ExplainedSlot } from '../commands/forecast.ts';

const NO_VALUE = '-';

/** A table for a person: one line per slot, and what the groups of features added over the day. */
export function explainedText({ forecast, model, slots }: ExplainedForecast): string {
  const groups = forecast.contributions.map(({ group }) => group);
  const issued = forecast.issue === 'midnight' ? 'when the day began' : 'from what was known at 10:00 of the day before';
  const head = [
    `${forecast.area} on ${forecast.day}, ${forecast.zone}, Wh per ${forecast.intervalMinutes} min`,
    `forecast ${issued}, recorded ${utc(forecast.at / 1000)}`,
    `model ${model.generation} (${model.features}), learned from ${model.from} to the day before ${model.until}`,
    '',
  ];
  const rows = [
    ['slot', 'forecast', 'lower', 'upper', 'actual', '', ...groups],
    ...slots.map((slot) => cells(slot, groups, forecast.zone)),
  ];
  return `${head.join('\n')}\n${aligned(rows)}`;
}

export function trendText({ whole, weeks, seasons, growth }: DemandTrend, intervalMinutes: number): string {
  if (whole === undefined) return 'no interval is known\n';
  const spans = [
    ['of', 'days', 'energy kWh', `peak Wh/${intervalMinutes} min`, 'at', 'rise Wh', 'fall Wh', 'load factor'],
    ['all', ...spanCells(whole)],
    ...seasons.map((span) => ['season', ...spanCells(span)]),
    ...weeks.slice(-8).map((span) => ['week', ...spanCells(span)]),
  ];
  return `${aligned(spans)}${growth === undefined ? '' : growthText(growth)}`;
}

function cells(
  { start, energyWh, lowerWh, upperWh, actualWh, outsideBand, contributionsWh }: ExplainedSlot,
  groups: readonly string[],
  zone: string,
): string[] {
  const numbers = [energyWh, lowerWh, upperWh, actualWh].map(number);
  return [clock(start, zone), ...numbers, outsideBand ? 'outside' : '', ...groups.map((group) => number(contributionsWh[group] ?? null))];
}

function spanCells({ from, until, energyWh, peak, rise, fall, loadFactorPerMille }: SpanTrend): string[] {
  const ramp = (change: number | undefined) => (change === undefined ? NO_VALUE : String(change));
  const factor = loadFactorPerMille === undefined ? NO_VALUE : `${(loadFactorPerMille / 10).toFixed(1)} %`;
  const at = `${date(peak.day)} ${twoDigits(Math.floor(peak.minute / 60))}:${twoDigits(peak.minute % 60)}`;
  return [
    `${date(from)} .. ${date(until - 1)}`,
    String(Math.round(energyWh / 1000)),
    String(peak.energyWh),
    ...[at, ramp(rise?.changeWh), ramp(fall?.changeWh), factor],
  ];
}

function growthText({ against, days, perMille }: Growth): string {
  const before = against === 'year' ? 'the same weekdays 52 weeks before' : 'as many days before them';
  return `growth ${(perMille / 10).toFixed(1)} % over ${days} whole days, against ${before}\n`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padStart(widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

const number = (value: number | null): string => (value === null ? NO_VALUE : String(value));
const twoDigits = (value: number): string => String(value).padStart(2, '0');
const date = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10);
const utc = (at: number): string => `${new Date(at * 1000).toISOString().slice(0, 16)}Z`;

function clock(at: number, timeZone: string): string {
  return new Date(at * 1000).toLocaleTimeString('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
}
