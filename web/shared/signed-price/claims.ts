import { type ChainLink, type DayAheadClaims, PRICE_ISSUER, PRICE_LIMIT, PRICE_UNIT, type PriceClaims } from '../../../events/price.ts';
import { isRecord } from '../../../protocol/portable/values.ts';

type Fields = Readonly<Record<string, unknown>>;

const MOST_INTERVALS = 300;
const STEPS = [5, 15, 30, 60];
const TEXT_LIMIT = 128;
const PRICE_FIELDS = ['iss', 'seq', 'prevHash', 'iat', 'nbf', 'exp', 'zone', 'unit', 'start', 'minutes', 'prices'];
const DAY_FIELDS = [...PRICE_FIELDS, 'currency', 'tariff', 'version', 'low', 'high', 'bands', 'chain'];

/** Claims of a day-ahead tariff, exactly the fields it has; undefined for anything else. */
export function readDayAhead(payload: unknown): DayAheadClaims | undefined {
  const fields = fieldsOf(payload, DAY_FIELDS);
  if (fields === undefined || !isSignal(fields)) return undefined;
  const { prices, low, high, bands, chain, currency, tariff, version } = fields;
  const { length } = prices as readonly unknown[];
  if (![low, high].every((list) => isPrices(list) && list.length === length)) return undefined;
  if (!Array.isArray(bands) || bands.length !== length || !bands.every((band) => typeof band === 'string')) return undefined;
  if (!isCurrency(currency) || !isText(tariff) || !isCount(version) || !isLink(chain)) return undefined;
  const claims = fields as unknown as DayAheadClaims;
  return claims.prices.every((price, i) => claims.low[i]! <= price && price <= claims.high[i]!) ? claims : undefined;
}

/** Claims of real-time prices: one or two, ending with the last of them, beginning with their interval. */
export function readPrice(payload: unknown): PriceClaims | undefined {
  const fields = fieldsOf(payload, PRICE_FIELDS);
  if (fields === undefined || !isSignal(fields)) return undefined;
  const claims = fields as unknown as PriceClaims;
  const { start, nbf, exp, minutes, prices } = claims;
  return prices.length <= 2 && nbf === start && exp === start + prices.length * minutes * 60 ? claims : undefined;
}

function fieldsOf(payload: unknown, names: readonly string[]): Fields | undefined {
  if (!isRecord(payload)) return undefined;
  const found = Object.keys(payload);
  return found.length === names.length && names.every((name) => found.includes(name)) ? payload : undefined;
}

function isSignal({ iss, seq, prevHash, iat, nbf, exp, zone, unit, start, minutes, prices }: Fields): boolean {
  if (iss !== PRICE_ISSUER || !isCount(seq) || seq < 1 || typeof prevHash !== 'string' || prevHash.length > TEXT_LIMIT) return false;
  if (!isCount(iat) || !isCount(nbf) || !isCount(exp) || nbf >= exp) return false;
  return (
    isText(zone) && unit === PRICE_UNIT && isCount(start) && STEPS.includes(minutes as number) && isPrices(prices) && prices.length > 0
  );
}

function isLink(value: unknown): value is ChainLink {
  return isRecord(value) && isCount(value['seq']) && typeof value['hash'] === 'string';
}

function isPrices(value: unknown): value is readonly number[] {
  const isPrice = (price: unknown) => Number.isSafeInteger(price) && Math.abs(price as number) <= PRICE_LIMIT;
  return Array.isArray(value) && value.length <= MOST_INTERVALS && value.every(isPrice);
}

function isCurrency(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Z]{3}$/.test(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= TEXT_LIMIT;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
