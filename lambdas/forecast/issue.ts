import { FEATURE_GROUPS } from '../../domain/demand/forecast/feature-groups.ts';
import { forecastDay, type SlotForecast } from '../../domain/demand/forecast/forecast.ts';
import type { DemandModel } from '../../domain/demand/forecast/model.ts';
import { numberOf } from '../../domain/demand/forecast/model-record.ts';
import type { ForecastIssued } from '../../events/index.ts';
import { localDay } from '../shared/days/local-days.ts';
import { type AreaSeries, clockMinutes, seriesUntil } from './area-series.ts';

/** What a forecast says, whoever made it and when. */
export type ForecastValues = Pick<ForecastIssued, 'start' | 'energyWh' | 'lowerWh' | 'upperWh' | 'contributions'>;

/**
 * The forecast of a local day with a model: a function of the model and of what was published, so that it can be made again.
 * An hour that the clock shows twice has the same forecast twice, one that it skips has none.
 * @param day `yyyy-mm-dd`
 */
export function forecastValues(model: DemandModel, series: AreaSeries, day: string): ForecastValues {
  const { zone, intervalMinutes } = model;
  const local = localDay(day, zone);
  const bySlot = forecastDay(model, seriesUntil(series, zone, day), numberOf(day));
  const slots = clockMinutes(local, intervalMinutes, zone).map((minute) => bySlot[minute / intervalMinutes]);
  const column = (of: (slot: SlotForecast) => number | null) => slots.map((slot) => (slot === undefined ? null : of(slot)));
  return {
    start: local.start,
    energyWh: column(({ energyWh }) => energyWh),
    lowerWh: column(({ lowerWh }) => lowerWh),
    upperWh: column(({ upperWh }) => upperWh),
    contributions: FEATURE_GROUPS.map((group) => ({ group, energyWh: column(({ contributionsWh }) => contributionsWh[group]) })),
  };
}
