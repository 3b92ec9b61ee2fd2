import {
  type AdrEvent,
  type ChainLink,
  type DayAheadClaims,
  type DemandResponseClaims,
  PRICE_ISSUER,
  PRICE_LIMIT,
  PRICE_UNIT,
  type PriceClaims,
} from '../../events/price.ts';
import { isCount, isRecord } from '../portable/values.ts';

type Fields = Readonly<Record<string, unknown>>;

const MOST_INTERVALS = 300;
const STEPS = [5, 15, 30, 60];
const TEXT_LIMIT = 128;
const CURRENCY = /^[A-Z]{3}$/;
const CHAINED = ['iss', 'seq', 'prevHash', 'iat', 'nbf', 'exp'];
const PRICE_FIELDS = [...CHAINED, 'zone', 'unit', 'start', 'minutes', 'prices'];
const DAY_FIELDS = [...PRICE_FIELDS, 'currency', 'tariff', 'version', 'low', 'high', 'bands', 'chain'];

/** Claims of a day-ahead tariff, exactly the fields it has; undefined for anything else. */
export function readDayAhead(payload: unknown): DayAheadClaims | undefined {
  const fields = fieldsOf(payload, DAY_FIELDS);
  if (fields === undefined || !isChained(fields) || !isPriced(fields)) return undefined;
  const { prices, low, high, bands, chain, currency, tariff, version } = fields;
  const length = (prices as readonly unknown[]).length;
  const alike = [low, high].every((list) => isPrices(list) && list.length === length) && isTexts(bands) && bands.length === length;
  if (!alike || !isCurrency(currency) || !isText(tariff) || !isCount(version) || !isLink(chain)) return undefined;
  const claims = fields as unknown as DayAheadClaims;
  return claims.prices.every((price, i) => claims.low[i]! <= price && price <= claims.high[i]!) ? claims : undefined;
}

/** Claims of real-time prices: one or two, ending with the last of them, beginning with their interval. */
export function readPrice(payload: unknown): PriceClaims | undefined {
  const fields = fieldsOf(payload, PRICE_FIELDS);
  if (fields === undefined || !isChained(fields) || !isPriced(fields)) return undefined;
  const claims = fields as unknown as PriceClaims;
  const { start, nbf, exp, minutes, prices } = claims;
  return prices.length <= 2 && nbf === start && exp === start + prices.length * minutes * 60 ? claims : undefined;
}

/** Claims of a wish. */
export function readDemandResponse(payload: unknown): DemandResponseClaims | undefined {
  const fields = fieldsOf(payload, [...CHAINED, 'program', 'event']);
  if (fields === undefined || !isChained(fields) || !isText(fields['program'])) return undefined;
  return isEvent(fields['event']) ? (fields as unknown as DemandResponseClaims) : undefined;
}

function fieldsOf(payload: unknown, names: readonly string[]): Fields | undefined {
  if (!isRecord(payload)) return undefined;
  const found = Object.keys(payload);
  return found.length === names.length && names.every((name) => found.includes(name)) ? payload : undefined;
}

function isChained({ iss, seq, prevHash, iat, nbf, exp }: Fields): boolean {
  if (iss !== PRICE_ISSUER || !isCount(seq, 1) || typeof prevHash !== 'string' || prevHash.length > TEXT_LIMIT) return false;
  return isCount(iat) && isCount(nbf) && isCount(exp) && nbf < exp;
}

function isPriced({ zone, unit, start, minutes, prices }: Fields): boolean {
  const length = isPrices(prices) ? prices.length : 0;
  return isText(zone) && unit === PRICE_UNIT && isCount(start) && STEPS.includes(minutes as number) && length > 0;
}

function isEvent(value: unknown): value is AdrEvent {
  if (!isRecord(value)) return false;
  const { id, programID, objectType, intervalPeriod, intervals } = value;
  if (!isText(id) || !isText(programID) || objectType !== 'EVENT' || !isRecord(intervalPeriod) || !Array.isArray(intervals)) return false;
  const { start, duration, randomizeStart } = intervalPeriod;
  return [start, duration, randomizeStart].every(isText) && intervals.every(isInterval);
}

function isInterval(value: unknown): boolean {
  if (!isRecord(value) || !Array.isArray(value['payloads'])) return false;
  return value['payloads'].every((payload) => isRecord(payload) && isText(payload['type']) && Array.isArray(payload['values']));
}

function isLink(value: unknown): value is ChainLink {
  return isRecord(value) && isCount(value['seq']) && typeof value['hash'] === 'string' && value['hash'].length <= TEXT_LIMIT;
}

function isPrices(value: unknown): value is readonly number[] {
  const isPrice = (price: unknown) => Number.isSafeInteger(price) && Math.abs(price as number) <= PRICE_LIMIT;
  return Array.isArray(value) && value.length <= MOST_INTERVALS && value.every(isPrice);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string' && text.length <= TEXT_LIMIT);
}

function isCurrency(value: unknown): value is string {
  return typeof value === 'string' && CURRENCY.test(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= TEXT_LIMIT;
}
