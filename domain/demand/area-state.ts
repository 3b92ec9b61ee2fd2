import type { AreaEvent, AreaForecastTold, DomainEvent } from '../../events/index.ts';
import { type ToldDay, type ToldInterval, toldAt, withInterval } from './area-day.ts';

/** What the operator was told of an area, as far as it can still change. */
export interface AreaState {
  /** Of the newest item; 0 before the first. */
  readonly seq: number;
  /** Of the newest item, for the next one to name. */
  readonly hash: string;
  /** End of the newest interval, UTC s; 0 before the first. */
  readonly toldUntil: number;
  readonly days: readonly ToldDay[];
  /** Newest interval that was doubted, UTC s. */
  readonly doubtedUntil: number;
  /** Newest forecasts, oldest first. */
  readonly forecasts: readonly ToldForecast[];
}

/** A forecast by its day and when it was made. */
export type ToldForecast = Pick<AreaForecastTold, 'issue' | 'day'>;

/** More than the stream of forecasts remembers. */
const KEPT_FORECASTS = 12;

/** What the first item of a feed names as the one before: 32 zero bytes, base64url. */
export const BEFORE_FIRST = 'A'.repeat(43);

export const NOTHING_TOLD: AreaState = { seq: 0, hash: BEFORE_FIRST, toldUntil: 0, days: [], doubtedUntil: 0, forecasts: [] };

const NOTHING_SAID = { netWh: 0, counts: { expected: 0, measured: 0, held: 0, exporting: 0 } } as const;

export function evolveArea(state: AreaState, event: DomainEvent): AreaState {
  switch (event.type) {
    case 'AreaDemandPublished':
      return told(state, event.data, { ...event.data, revision: 1 });
    case 'AreaSuppressed':
      return told(state, event.data, { ...NOTHING_SAID, end: event.data.end, revision: 0 });
    case 'AreaRevised':
      return told(state, event.data, event.data);
    case 'AreaDoubted':
      return { ...state, ...head(event.data), doubtedUntil: Math.max(state.doubtedUntil, event.data.end) };
    case 'AreaForecastTold': {
      const { issue, day } = event.data;
      return { ...state, ...head(event.data), forecasts: [...state.forecasts, { issue, day }].slice(-KEPT_FORECASTS) };
    }
    default:
      return state;
  }
}

function told(state: AreaState, item: AreaEvent['data'], interval: ToldInterval): AreaState {
  const { end, netWh, apart, counts, revision } = interval;
  const days = withInterval(state.days, { end, netWh, ...(apart === undefined ? {} : { apart }), counts, revision });
  return { ...state, ...head(item), toldUntil: Math.max(state.toldUntil, end), days };
}

function head({ seq, hash }: AreaEvent['data']): Pick<AreaState, 'seq' | 'hash'> {
  return { seq, hash };
}

export function isForecastTold({ forecasts }: AreaState, { issue, day }: ToldForecast): boolean {
  return forecasts.some((told) => told.issue === issue && told.day === day);
}

/** Undefined for what was never told, and for what is too old to change. */
export function toldOf({ days }: AreaState, end: number): ToldInterval | undefined {
  return toldAt(days, end);
}
