import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { CustomerLimits } from '../../devices/home-display/demand-response.ts';
import { HomeDisplay } from '../../devices/home-display/display.ts';
import type { RecordReading } from '../../devices/home-display/sealed-record.ts';
import {
  type DayAheadClaims,
  type DemandResponseClaims,
  PRICE_ISSUER,
  PRICE_TYP,
  PRICE_UNIT,
  type PriceClaims,
} from '../../events/index.ts';
import { compactJws, jwsHash, jwsSigningInput } from '../../protocol/jws.ts';
import { keyListInput, pointOf, pointThumbprint } from '../../protocol/key-list.ts';
import type { KeyList } from '../../protocol/portable/listed-keys.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { SettableClock } from '../support/settable-clock.ts';

export const ZONE = 'north';
export const PROGRAM = 'evening';
/** A midnight in UTC, s. */
export const MIDNIGHT = Date.UTC(2026, 5, 10) / 1000;
export const MINUTES = 30;
const LENGTH = MINUTES * 60;
const DAY = 86_400;

export const LIMITS: CustomerLimits = {
  optOut: false,
  highestLevel: 2,
  maxShedW: 1_500,
  maxMinutes: 120,
  maxPerDay: 1,
  minTemperatureDeciC: 180,
  maxDelayS: 600,
};

export interface Pair {
  readonly privateKey: KeyObject;
  readonly kid: string;
  readonly publicKey: KeyObject;
}

export function newPair(): Pair {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = createPublicKey(privateKey);
  return { privateKey, publicKey, kid: pointThumbprint(pointOf(publicKey)) };
}

export function signedBy({ privateKey, kid }: Pair, typ: string, claims: unknown): string {
  const input = jwsSigningInput({ kid, typ }, Buffer.from(JSON.stringify(claims)));
  return compactJws(input, sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' }));
}

/** The memory of one device, over its restarts. */
export class MemoryRecord {
  body: Buffer | undefined;

  read(): RecordReading {
    return this.body === undefined ? { state: 'blank' } : { state: 'sound', body: this.body };
  }

  write(body: Buffer): void {
    this.body = body;
  }
}

/** A utility that signs by the book, and a device that listens to whoever speaks. */
export class PriceWorld {
  readonly root = newPair();
  readonly keys = { tariff: newPair(), price: newPair(), demandResponse: newPair() };
  readonly clock = new SettableClock(MIDNIGHT * 1000);
  readonly record = new MemoryRecord();
  readonly limits: CustomerLimits;
  display: HomeDisplay;
  tariffs = { seq: 0, hash: '' };
  prices = { seq: 0, hash: '' };
  events = { seq: 0, hash: '' };
  #version = 0;

  constructor(limits: Partial<CustomerLimits> = {}) {
    this.limits = { ...LIMITS, ...limits };
    this.display = this.restart();
  }

  /** The device after a power cut. */
  restart(): HomeDisplay {
    this.display = new HomeDisplay({
      zone: ZONE,
      programs: [PROGRAM],
      limits: this.limits,
      root: this.root.publicKey,
      record: this.record,
      clock: this.clock,
      random: randomBytes,
      defences: defencesUnderTest(),
      identity: '',
    });
    return this.display;
  }

  /** @param at UTC s */
  at(at: number): this {
    this.clock.set(at * 1000);
    return this;
  }

  keyList(more: Partial<KeyList> = {}, keys: Readonly<Record<keyof typeof PRICE_TYP, Pair>> = this.keys): string {
    const listed = Object.entries(keys).map(([use, { kid, publicKey }]) => {
      const typ = PRICE_TYP[use as keyof typeof PRICE_TYP];
      return { kid, typ, nbf: MIDNIGHT - 30 * DAY, exp: MIDNIGHT + 400 * DAY, ...pointOf(publicKey) };
    });
    this.#version += 1;
    const list: KeyList = { version: this.#version, iat: MIDNIGHT - DAY, minProgram: 1, keys: listed, ...more };
    const input = keyListInput(list, this.root.publicKey);
    return compactJws(input, sign('sha256', input, { key: this.root.privateKey, dsaEncoding: 'ieee-p1363' }));
  }

  /** The next day-ahead tariff: 48 half-hours, `prices[i]` within a spread. */
  dayAhead(more: Partial<DayAheadClaims> = {}, { spread = 20_000, by = this.keys.tariff }: { spread?: number; by?: Pair } = {}): string {
    const start = more.start ?? MIDNIGHT;
    const prices = more.prices ?? Array.from({ length: 48 }, (_, i) => priceOf(i));
    const claims: DayAheadClaims = {
      iss: PRICE_ISSUER,
      seq: this.tariffs.seq + 1,
      prevHash: this.tariffs.hash,
      iat: start - DAY / 2,
      nbf: start - DAY / 2,
      exp: start + prices.length * LENGTH,
      zone: ZONE,
      unit: PRICE_UNIT,
      currency: 'EUR',
      tariff: 'dynamic',
      version: 1,
      start,
      minutes: MINUTES,
      prices,
      low: prices.map((price) => price - spread),
      high: prices.map((price) => price + spread),
      bands: prices.map(() => ''),
      chain: this.prices,
      ...more,
    };
    const jws = signedBy(by, PRICE_TYP.tariff, claims);
    this.tariffs = { seq: claims.seq, hash: jwsHash(jws) };
    return jws;
  }

  /** Claims of the next real-time price of the chain. @param slot of the day that begins at MIDNIGHT */
  claims(slot: number, more: Partial<PriceClaims> = {}): PriceClaims {
    const start = MIDNIGHT + slot * LENGTH;
    return {
      iss: PRICE_ISSUER,
      seq: this.prices.seq + 1,
      prevHash: this.prices.hash,
      iat: start - 60,
      nbf: start,
      exp: start + 2 * LENGTH,
      zone: ZONE,
      unit: PRICE_UNIT,
      start,
      minutes: MINUTES,
      prices: [priceOf(slot) + 1_000, priceOf(slot + 1) + 1_000],
      ...more,
    };
  }

  price(slot: number, more: Partial<PriceClaims> = {}): string {
    const claims = this.claims(slot, more);
    const jws = signedBy(this.keys.price, PRICE_TYP.price, claims);
    this.prices = { seq: claims.seq, hash: jwsHash(jws) };
    return jws;
  }

  event(facts: EventFacts = {}): string {
    const { id = 'e1', level = 1, start = MIDNIGHT + 18 * 3600, minutes = 60, type = 'SIMPLE', value } = facts;
    const { seq = this.events.seq + 1, by = this.keys.demandResponse } = facts;
    const at = new Date((MIDNIGHT - 3600) * 1000).toISOString();
    const claims: DemandResponseClaims = {
      iss: PRICE_ISSUER,
      program: PROGRAM,
      seq,
      prevHash: this.events.hash,
      iat: MIDNIGHT - 3600,
      nbf: MIDNIGHT - 3600,
      exp: start + minutes * 60,
      event: {
        id,
        createdDateTime: at,
        modificationDateTime: at,
        objectType: 'EVENT',
        programID: PROGRAM,
        eventName: 'less, please',
        priority: 1,
        intervalPeriod: { start: new Date(start * 1000).toISOString(), duration: `PT${minutes}M`, randomizeStart: 'PT30M' },
        intervals: [{ id: 0, payloads: [{ type, values: [value ?? level] }] }],
      },
    };
    const jws = signedBy(by, PRICE_TYP.demandResponse, claims);
    this.events = { seq: claims.seq, hash: jwsHash(jws) };
    return jws;
  }

  /** A device that follows: keys, tariff of the day, price of the slot. */
  following(slot = 0): this {
    this.at(MIDNIGHT + slot * LENGTH);
    this.display.take(this.keyList());
    this.display.take(this.dayAhead());
    this.display.take(this.price(slot));
    return this;
  }
}

export interface EventFacts {
  readonly id?: string;
  readonly level?: number;
  readonly start?: number;
  readonly minutes?: number;
  readonly type?: string;
  readonly value?: number | string | boolean;
  readonly seq?: number;
  readonly by?: Pair;
}

export function priceOf(slot: number): number {
  return 200_000 + (slot % 48) * 2_000;
}
