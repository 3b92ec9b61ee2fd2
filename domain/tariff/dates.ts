import { JoulekeepError } from '../../events/index.ts';

/**
 * Arithmetic on calendar dates `yyyy-mm-dd`, which know no zone. Days are counted from 1970-01-01.
 * @throws ERR_DATE_INVALID for what is no date of the Gregorian calendar
 */
export function dayNumber(date: string): number {
  const year = digitsOf(date, 0, 4);
  const month = digitsOf(date, 5, 7);
  const day = digitsOf(date, 8, 10);
  const isWritten = date.length === 10 && date[4] === '-' && date[7] === '-';
  // What is no number is neither less nor more than anything.
  if (!(isWritten && year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month))) {
    throw new JoulekeepError('ERR_DATE_INVALID', `${JSON.stringify(date)} is no date like 2013-06-01`);
  }
  return daysFromCivil(year, month, day);
}

/** NaN where something else stands there. */
function digitsOf(text: string, from: number, until: number): number {
  let number = 0;
  for (let i = from; i < until; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}

/** @param number days since 1970-01-01, of a year from 0 to 9999 */
export function dateOf(number: number): string {
  // A year begins in March, so that a leap day is its last: eras of 400 years have 146097 days.
  const z = number + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return written(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day);
}

export function addDays(date: string, days: number): string {
  return dateOf(dayNumber(date) + days);
}

/** The same day of another month, or that month's last where it has no such day. */
export function addMonths(date: string, months: number): string {
  dayNumber(date);
  const index = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1 + months;
  const [year, month] = [Math.floor(index / 12), (index % 12) + 1];
  return written(year, month, Math.min(Number(date.slice(8)), daysIn(year, month)));
}

/** Dates in this notation are in order as texts. */
export function laterOf(a: string, b: string): string {
  if (a < b) return b;
  return a;
}

/** 1 = Monday. */
export function weekdayOf(date: string): number {
  return ((((dayNumber(date) + 3) % 7) + 7) % 7) + 1;
}

function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function written(year: number, month: number, day: number): string {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
