const MONTHS = 3;

/** @param at UTC ms @returns e.g. `2026-Q1` */
export function quarterAt(at: number): string {
  const date = new Date(at);
  return `${date.getUTCFullYear()}-Q${Math.floor(date.getUTCMonth() / MONTHS) + 1}`;
}

/** First instant of a quarter, UTC ms. @param quarter e.g. `2026-Q1` */
export function quarterStart(quarter: string): number {
  const [year, number] = quarter.split('-Q').map(Number) as [number, number];
  return Date.UTC(year, (number - 1) * MONTHS);
}

/** First instant of the one behind it, UTC ms. */
export function quarterEnd(quarter: string): number {
  const begin = new Date(quarterStart(quarter));
  return Date.UTC(begin.getUTCFullYear(), begin.getUTCMonth() + MONTHS);
}

/** First instant behind a quarter, UTC ms. @param quarter e.g. `2026-Q1` */
export function nextQuarter(quarter: string): number {
  const date = new Date(quarterStart(quarter));
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + MONTHS);
}
