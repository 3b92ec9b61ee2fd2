/** Totals of the billing period up to and with the day, and of those it is compared with; -1 = not known. Wh. */
export interface PeriodUse {
  readonly averageDailyWh: number;
  readonly lastYearAverageDailyWh: number;
  readonly previousAverageDailyWh: number;
  /** Largest slot. */
  readonly maximumWh: number;
  readonly previousMaximumWh: number;
}
