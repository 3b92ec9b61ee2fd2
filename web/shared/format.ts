import { locale } from './i18n.ts';
import { localDayOf } from './local-date.ts';

type Zoned = { readonly zone: string };
type Time = string | number;

const MICRO = 1_000_000n;

function numbers(value: number | bigint | `${number}`, options: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(locale.value, options).format(value);
}

function dates(at: Time, zone: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(locale.value, { timeZone: zone, ...options }).format(new Date(at));
}

/** E.g. `12.3 kWh`: two, one or no decimals as it grows. @param wh Wh */
export function energy(wh: number): string {
  return `${energyNumber(wh)} kWh`;
}

/** To the watt-hour, e.g. `0.077 kWh`: where rounding would hide a difference. @param wh Wh */
export function energyExact(wh: number): string {
  return `${numbers(wh / 1000, { minimumFractionDigits: 3, maximumFractionDigits: 3 })} kWh`;
}

/** A difference as `told` says values, with + where it is more. */
export function signed(difference: number, told: (value: number) => string): string {
  return difference > 0 ? `+${told(difference)}` : told(difference);
}

/** `energy` without its unit. */
export function energyNumber(wh: number): string {
  const kwh = wh / 1000;
  const digits = Math.abs(kwh) < 10 ? 2 : Math.abs(kwh) < 100 ? 1 : 0;
  return numbers(kwh, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** E.g. `3.2 kW`. @param w W */
export function power(w: number): string {
  return `${numbers(w / 1000, { minimumFractionDigits: 1, maximumFractionDigits: 2 })} kW`;
}

/** @param micro whole micro-units of the currency @param signed with + as well */
export function money(
  micro: string | bigint,
  currency: string,
  { signed = false, digits }: { signed?: boolean; digits?: number } = {},
): string {
  return numbers(decimalOf(BigInt(micro)), {
    style: 'currency',
    currency,
    ...(signed && { signDisplay: 'exceptZero' }),
    ...(digits !== undefined && { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  });
}

/** Price without its `per kWh`, to a hundredth of a cent, or as many digits. @param micro per kWh */
export function price(micro: number | bigint, currency: string, digits = 4): string {
  return numbers(decimalOf(BigInt(micro)), {
    style: 'currency',
    currency,
    minimumFractionDigits: Math.min(digits, 3),
    maximumFractionDigits: digits,
  });
}

function decimalOf(micro: bigint): `${number}` {
  const size = micro < 0n ? -micro : micro;
  return `${micro < 0n ? '-' : ''}${size / MICRO}.${String(size % MICRO).padStart(6, '0')}` as `${number}`;
}

export function count(value: number): string {
  return numbers(value, { maximumFractionDigits: 0 });
}

/** @param share 0.12 = 12 % */
export function percent(share: number, { digits = 0 }: { digits?: number } = {}): string {
  return numbers(share, { style: 'percent', maximumFractionDigits: digits });
}

/** E.g. `13:45`. @param at ISO 8601 or UTC ms */
export function time(at: Time, { zone }: Zoned): string {
  return dates(at, zone, { hour: '2-digit', minute: '2-digit' });
}

/** With the name of the clock, for an hour that comes twice: `02:00 CEST`. */
export function timeWithZone(at: Time, { zone }: Zoned): string {
  return dates(at, zone, { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' });
}

/** E.g. `26 November 2026`; with `weekday` also that. */
export function date(at: Time, { zone, weekday = false }: Zoned & { weekday?: boolean }): string {
  return dates(at, zone, { day: 'numeric', month: 'long', year: 'numeric', ...(weekday && { weekday: 'long' }) });
}

/** E.g. `26 Nov`. */
export function shortDate(at: Time, { zone }: Zoned): string {
  return dates(at, zone, { day: 'numeric', month: 'short' });
}

export function dateTime(at: Time, { zone }: Zoned): string {
  return dates(at, zone, { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' });
}

export function weekday(at: Time, { zone, style = 'long' }: Zoned & { style?: 'long' | 'short' }): string {
  return dates(at, zone, { weekday: style });
}

/** E.g. `November 2026`. */
export function month(at: Time, { zone, style = 'long' }: Zoned & { style?: 'long' | 'short' }): string {
  return dates(at, zone, style === 'long' ? { month: 'long', year: 'numeric' } : { month: style });
}

/** A local date, `2026-11-26`, as `date` says it. */
export function localDate(day: string, options: { weekday?: boolean } = {}): string {
  return date(`${day}T12:00:00Z`, { zone: 'UTC', ...options });
}

/** E.g. `26 – 28 November 2026`. @param last local date, included */
export function dateRange(first: string, last: string): string {
  const format = new Intl.DateTimeFormat(locale.value, { timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' });
  return format.formatRange(new Date(`${first}T12:00:00Z`), new Date(`${last}T12:00:00Z`));
}

/** Local dates of a stretch of time, which ends with its last moment and not with the first after it. @param from @param until ISO 8601 */
export function spanDates(from: string, until: string, { zone }: Zoned): string {
  return dateRange(localDayOf(from, zone), localDayOf(Date.parse(until) - 1, zone));
}

/** E.g. `1 hr 30 mins`. */
export function duration(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), Math.round(minutes % 60)];
  const parts = [hours > 0 ? unit(hours, 'hour') : '', rest > 0 || hours === 0 ? unit(rest, 'minute') : ''];
  return parts.filter((part) => part !== '').join(' ');
}

function unit(value: number, name: 'hour' | 'minute'): string {
  return numbers(value, { style: 'unit', unit: name, unitDisplay: 'short' });
}

/** E.g. `5 minutes ago`; below half a minute `now`. Both UTC ms. */
export function ago(at: number, now: number): string {
  const format = new Intl.RelativeTimeFormat(locale.value, { numeric: 'auto' });
  const minutes = Math.round((at - now) / 60_000);
  if (minutes === 0) return format.format(0, 'second');
  if (Math.abs(minutes) < 60) return format.format(minutes, 'minute');
  const hours = Math.round(minutes / 60);
  return Math.abs(hours) < 48 ? format.format(hours, 'hour') : format.format(Math.round(hours / 24), 'day');
}
