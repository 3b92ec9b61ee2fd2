import {
  type DomainEvent,
  type ForecastEvent,
  type ForecastIssue,
  type ForecastIssued,
  type ForecastModelFitted,
  JoulekeepError,
} from '../../../events/index.ts';

export interface ForecastState {
  /** Newest of each issue. */
  readonly models: Readonly<Partial<Record<ForecastIssue, ForecastModelFitted>>>;
  /** Forecasts of the newest days, oldest first. */
  readonly forecasts: readonly ForecastIssued[];
}

export type ForecastCommand =
  | { readonly type: 'FitModel'; readonly model: Omit<ForecastModelFitted, 'generation'> }
  | { readonly type: 'IssueForecast'; readonly forecast: Omit<ForecastIssued, 'model'> };

/** Two issues of yesterday, today and tomorrow. */
const KEPT_FORECASTS = 6;

/**
 * Decider of stream `forecast/<area>`. A day is forecast once at each issue, and a window is learned from once with the same columns.
 * @throws ERR_FORECAST_NO_MODEL for a forecast of an issue that has no model
 */
export const forecastStream = { initial: { models: {}, forecasts: [] } as ForecastState, decide, evolve };

function decide(command: ForecastCommand, state: ForecastState): readonly ForecastEvent[] {
  switch (command.type) {
    case 'FitModel': {
      const before = state.models[command.model.issue];
      if (before !== undefined && before.columnsVersion === command.model.columnsVersion && before.until >= command.model.until) return [];
      return [{ type: 'ForecastModelFitted', data: { ...command.model, generation: (before?.generation ?? 0) + 1 } }];
    }
    case 'IssueForecast': {
      const { area, issue, day } = command.forecast;
      const model = state.models[issue];
      if (model === undefined) throw new JoulekeepError('ERR_FORECAST_NO_MODEL', `${area}: no model for a forecast at ${issue}`);
      if (forecastOf(state, issue, day) !== undefined) return [];
      return [{ type: 'ForecastIssued', data: { ...command.forecast, model: model.generation } }];
    }
    default:
      return command satisfies never;
  }
}

function evolve(state: ForecastState, event: DomainEvent): ForecastState {
  switch (event.type) {
    case 'ForecastModelFitted':
      return { ...state, models: { ...state.models, [event.data.issue]: event.data } };
    case 'ForecastIssued':
      return { ...state, forecasts: [...state.forecasts, event.data].slice(-KEPT_FORECASTS) };
    default:
      return state;
  }
}

export function forecastOf({ forecasts }: ForecastState, issue: ForecastIssue, day: string): ForecastIssued | undefined {
  return forecasts.find((forecast) => forecast.issue === issue && forecast.day === day);
}

/** A model that learned from fewer days is too rough to hold anything against. */
const SEASONED_DAYS = 10;

/** The band of the slot that ends then, by the newest forecast of it; of an area's first weeks none. @param end UTC s */
export function bandAt(
  { forecasts, models }: ForecastState,
  end: number,
): { readonly lowerWh: number; readonly upperWh: number } | undefined {
  if (!Object.values(models).some(isSeasoned)) return undefined;
  for (const { start, intervalMinutes, lowerWh, upperWh } of forecasts.toReversed()) {
    const slot = (end - start) / (intervalMinutes * 60) - 1;
    const [lower, upper] = [lowerWh[slot] ?? null, upperWh[slot] ?? null];
    if (lower !== null && upper !== null) return { lowerWh: lower, upperWh: upper };
  }
  return undefined;
}

function isSeasoned({ from, until }: ForecastModelFitted): boolean {
  return Date.parse(until) - Date.parse(from) >= SEASONED_DAYS * 86_400_000;
}
