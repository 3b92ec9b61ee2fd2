/** @returns whether the day exists */
export function isDate(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate() && year >= 1970;
}

/** `yyyymmdd` of a day that exists. @returns `yyyy-mm-dd` */
export function parseCompactDate(text: string): string | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  if (match === null || !isDate(Number(match[1]), Number(match[2]), Number(match[3]))) return undefined;
  return `${match[1]}-${match[2]}-${match[3]}`;
}

/** @param date `yyyy-mm-dd` @returns UTC seconds of its begin at a fixed offset from UTC */
export function dayStart(date: string, utcOffsetMinutes: number): number {
  return Date.parse(`${date}T00:00:00Z`) / 1000 - utcOffsetMinutes * 60;
}

/** The day in which an interval lies that ends then; one that ends at midnight closes the day before. @param end UTC seconds */
export function dateOfEnd(end: number, utcOffsetMinutes: number): string {
  return new Date((end - 1 + utcOffsetMinutes * 60) * 1000).toISOString().slice(0, 10);
}
