import type { AreaForecasts, AreaTrend } from '../../api/operator.ts';
import { forecastStream } from '../../domain/demand/forecast/forecast-stream.ts';
import { demandTrend, type SpanTrend } from '../../domain/demand/trend.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { AREA_ZONE } from '../../topology/forecasting.ts';
import { readAreaSeries, seriesUntil } from '../forecast/area-series.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { utcDate } from '../shared/days/utc-date.ts';
import { foldStream } from '../shared/streams.ts';

const DAY_MS = 86_400_000;

/** Forecasts of yesterday, today and tomorrow, as they were issued: values, 90 % band, what they are made of. @throws ERR_AREA_UNKNOWN */
export async function showForecast({ events }: Platform, { path }: Call<'showForecast'>): Promise<Answer> {
  const { forecasts } = (await foldStream(events, `forecast/${path.area}`, forecastStream)).state;
  if (forecasts.length === 0) throw new JoulekeepError('ERR_AREA_UNKNOWN', `${path.area}: nothing was forecast`);
  const body: AreaForecasts = {
    area: path.area,
    forecasts: forecasts.map(({ areaVersion: _version, area: _area, ...forecast }) => {
      const { energyWh, lowerWh, upperWh, contributions } = forecast;
      const of = contributions.map((one) => ({ group: one.group, energyWh: [...one.energyWh] }));
      return { ...forecast, energyWh: [...energyWh], lowerWh: [...lowerWh], upperWh: [...upperWh], contributions: of };
    }),
  };
  const { day, issue, model } = forecasts.at(-1)!;
  return { body, etag: `"${path.area}-${day}-${issue}-${model}"` };
}

/** Peaks, ramps, load factor and growth of what was told of an area. @throws ERR_AREA_UNKNOWN */
export async function showTrend({ events }: Platform, { path }: Call<'showTrend'>): Promise<Answer> {
  const series = await readAreaSeries(events, path.area);
  if (series === undefined) throw new JoulekeepError('ERR_AREA_UNKNOWN', `${path.area}: nothing was told`);
  const { days, weeks, seasons, growth } = demandTrend(seriesUntil(series, AREA_ZONE));
  const body: AreaTrend = {
    area: path.area,
    intervalMinutes: series.intervalMinutes,
    days: days.map(spanBody),
    weeks: weeks.map(spanBody),
    seasons: seasons.map(spanBody),
    ...(growth === undefined ? {} : { growth: { ...growth } }),
  };
  return { body, etag: `"${path.area}-${series.version}"` };
}

function spanBody({ from, until, knownSlots, energyWh, peak, rise, fall, loadFactorPerMille }: SpanTrend): AreaTrend['days'][number] {
  const optional = {
    ...(rise === undefined ? {} : { rise: { ...rise, day: dateOf(rise.day) } }),
    ...(fall === undefined ? {} : { fall: { ...fall, day: dateOf(fall.day) } }),
    ...(loadFactorPerMille === undefined ? {} : { loadFactorPerMille }),
  };
  return { from: dateOf(from), until: dateOf(until), knownSlots, energyWh, peak: { ...peak, day: dateOf(peak.day) }, ...optional };
}

/** @param day days since 1970-01-01 */
function dateOf(day: number): string {
  return utcDate(day * DAY_MS);
}
