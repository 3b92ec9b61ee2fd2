import { bandAt, forecastStream } from '../../domain/demand/forecast/forecast-stream.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { foldStream, WarmStreams } from '../shared/streams.ts';
import { forecastStreamOf } from './run-forecasts.ts';

const MOST_AREAS = 1_024;

/** What was forecast of an area, for whoever holds published demand against it: the 90 % band of the interval that ends then (UTC s), Wh. */
export function expectedDemand({ events }: Pick<Platform, 'events'>) {
  const warm = new WarmStreams<typeof forecastStream.initial>(MOST_AREAS);
  return async (area: string, end: number): Promise<{ readonly lowWh: number; readonly highWh: number } | undefined> => {
    const { state } = await foldStream(events, forecastStreamOf(area), forecastStream, warm);
    const band = bandAt(state, end);
    return band && { lowWh: band.lowerWh, highWh: band.upperWh };
  };
}
