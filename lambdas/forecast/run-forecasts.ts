import { type ForecastState, forecastOf, forecastStream } from '../../domain/demand/forecast/forecast-stream.ts';
import { fitModel, REFIT_DAYS } from '../../domain/demand/forecast/model.ts';
import { isReadable, numberOf, outlineOf } from '../../domain/demand/forecast/model-record.ts';
import { partitionStream } from '../../domain/demand/partition-stream.ts';
import type { ForecastModelFitted } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { localDayAt } from '../shared/days/local-days.ts';
import { foldStream, runDecider } from '../shared/streams.ts';
import { type AreaSeries, readAreaSeries, seriesUntil } from './area-series.ts';
import { forecastValues } from './issue.ts';
import { type DueIssue, dueIssues } from './issues.ts';
import { putNumbers, recordedModel } from './models.ts';

export interface ForecastsMade {
  readonly fitted: number;
  readonly issued: number;
  /** Areas of which too little was published for a model. */
  readonly without: number;
}

/** Stream of an area's forecasts. */
export function forecastStreamOf(area: string): string {
  return `forecast/${area}`;
}

/**
 * Makes the forecasts that are due and are not there, with models that are fitted again on schedule, from what was published of the
 * areas alone. @param zone IANA: the wall clock of the areas
 */
export async function runForecasts(platform: Platform, zone: string): Promise<ForecastsMade> {
  const total = { fitted: 0, issued: 0, without: 0 };
  const { state } = await foldStream(platform.events, 'area/partition', partitionStream);
  for (const { area, intervalMinutes } of state.quarters.findLast(({ whole }) => whole)?.areas ?? []) {
    const due = dueIssues(platform.clock.now(), zone, intervalMinutes);
    const known = await foldStream(platform.events, forecastStreamOf(area), forecastStream);
    const wanted = due.filter(({ issue, day }) => forecastOf(known.state, issue, day) === undefined);
    if (wanted.length === 0) continue;
    const series = await readAreaSeries(platform.events, area);
    for (const one of wanted) {
      const made =
        series?.intervalMinutes === intervalMinutes ? await makeOne(platform, { area, zone, series }, one, known.state) : undefined;
      if (made === undefined) total.without++;
      else {
        total.issued++;
        if (made === 'with-new-model') total.fitted++;
      }
    }
  }
  return total;
}

interface AreaDemandKnown {
  readonly area: string;
  readonly zone: string;
  readonly series: AreaSeries;
}

async function makeOne(
  platform: Platform,
  known: AreaDemandKnown,
  due: DueIssue,
  state: ForecastState,
): Promise<'with-new-model' | 'with-old-model' | undefined> {
  const { area, zone, series } = known;
  const { issue, day } = due;
  const before = state.models[issue];
  const model = isStale(before, platform, known, due) ? await learn(platform, known, due) : before;
  if (model === undefined) return undefined;
  const values = forecastValues(await recordedModel(platform.objects, model), series, day);
  const forecast = { area, issue, day, zone, intervalMinutes: series.intervalMinutes, ...values };
  await runDecider(platform.events, forecastStreamOf(area), forecastStream, {
    type: 'IssueForecast',
    forecast: { ...forecast, areaVersion: series.version, at: platform.clock.now() },
  });
  return model === before ? 'with-old-model' : 'with-new-model';
}

function isStale(
  model: ForecastModelFitted | undefined,
  { clock }: Platform,
  { zone, series }: AreaDemandKnown,
  { knownSlots }: DueIssue,
): boolean {
  if (model === undefined || !isReadable(model)) return true;
  if (model.intervalMinutes !== series.intervalMinutes || model.knownSlots !== knownSlots || model.zone !== zone) return true;
  const { day: today } = localDayAt(Math.floor(clock.now() / 1000), zone);
  return numberOf(today) - numberOf(model.until) >= REFIT_DAYS[model.features];
}

/** Learns from all days that are over. Undefined where they are too few. */
async function learn(
  platform: Platform,
  { area, zone, series }: AreaDemandKnown,
  { issue, knownSlots }: DueIssue,
): Promise<ForecastModelFitted | undefined> {
  const { day: today } = localDayAt(Math.floor(platform.clock.now() / 1000), zone);
  const model = fitModel(seriesUntil(series, zone, today), { zone, knownSlots, until: numberOf(today) });
  if (model === undefined) return undefined;
  const record = {
    area,
    issue,
    ...outlineOf(model),
    numbers: await putNumbers(platform.objects, model),
    areaVersion: series.version,
    at: platform.clock.now(),
  };
  const { state } = await runDecider(platform.events, forecastStreamOf(area), forecastStream, { type: 'FitModel', model: record });
  return state.models[issue];
}
