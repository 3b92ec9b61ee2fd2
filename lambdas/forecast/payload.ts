import type { AreaForecastTold, ForecastIssue } from '../../events/index.ts';

/** A forecast as the operator sees it. No field names a meter, a home or an account; nor what the model looked at. */
export interface ForecastPayload {
  readonly kind: 'forecast';
  readonly area: string;
  readonly issue: ForecastIssue;
  /** Local date, `yyyy-mm-dd`. */
  readonly day: string;
  readonly zone: string;
  readonly intervalMinutes: number;
  /** Net demand by slot from the begin of the day on, Wh, with the band that holds 90 of 100 outcomes; null = not possible to say. */
  readonly slots: readonly ForecastSlot[];
}

export interface ForecastSlot {
  /** End of the interval, UTC s. */
  readonly end: number;
  readonly energyWh: number | null;
  readonly lowerWh: number | null;
  readonly upperWh: number | null;
}

/** The body of the operator's item. */
export function forecastPayload({
  area,
  issue,
  day,
  zone,
  intervalMinutes,
  start,
  energyWh,
  lowerWh,
  upperWh,
}: AreaForecastTold): ForecastPayload {
  const slots = energyWh.map((energy, slot) => ({
    end: start + (slot + 1) * intervalMinutes * 60,
    energyWh: energy,
    lowerWh: lowerWh[slot] ?? null,
    upperWh: upperWh[slot] ?? null,
  }));
  return { kind: 'forecast', area, issue, day, zone, intervalMinutes, slots };
}
