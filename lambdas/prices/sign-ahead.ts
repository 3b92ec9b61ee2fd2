import { priceFault, slotOf } from '../../domain/price/price-band.ts';
import { chainSnapshot, type PriceZoneState, priceZone } from '../../domain/price/price-zone.ts';
import {
  type DayAheadClaims,
  JoulekeepError,
  PRICE_ISSUER,
  PRICE_LIMIT,
  PRICE_TYP,
  PRICE_UNIT,
  type PriceClaims,
  type ZoneSettings,
} from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { jwsHash } from '../../protocol/jws.ts';
import { TariffLibrary } from '../billing/tariff-library.ts';
import { type LocalDay, localDay, localDayAt, plusDays } from '../shared/days/local-days.ts';
import { JwsSigner } from '../shared/feeds/jws-signer.ts';
import { foldStream, runDecider, type WarmStreams } from '../shared/streams.ts';
import { type DayPrices, dayPrices } from './slot-prices.ts';

export interface SignedAhead {
  readonly days: number;
  readonly prices: number;
  /** Prices outside the band. */
  readonly refused: number;
  /** Days that the tariff can't price yet. */
  readonly unpriced: number;
}

/**
 * Keeps one zone signed ahead: today's and tomorrow's day-ahead tariff, and the prices of the interval that runs and of the next.
 * Again for the same instant signs nothing. What was missed while nobody ran stays missed: the past needs no price.
 * @throws ERR_TARIFF_UNKNOWN, ERR_PRICE_NOT_BY_SLOT, ERR_SIGNING_KEY, ERR_CHAIN_MOVED
 */
export async function signAhead(platform: Platform, zone: string, warm?: WarmStreams<PriceZoneState>): Promise<SignedAhead> {
  const { state } = await foldStream(platform.events, `price/${zone}`, priceZone, warm);
  if (state.settings === undefined) return { days: 0, prices: 0, refused: 0, unpriced: 0 };
  return new ZoneSigner(platform, zone, state.settings, state, warm).run();
}

class ZoneSigner {
  readonly #platform: Platform;
  readonly #zone: string;
  readonly #settings: ZoneSettings;
  readonly #warm: WarmStreams<PriceZoneState> | undefined;
  readonly #library: TariffLibrary;
  readonly #now: number;
  #state: PriceZoneState;

  constructor(
    platform: Platform,
    zone: string,
    settings: ZoneSettings,
    state: PriceZoneState,
    warm: WarmStreams<PriceZoneState> | undefined,
  ) {
    this.#platform = platform;
    this.#zone = zone;
    this.#settings = settings;
    this.#state = state;
    this.#warm = warm;
    this.#library = new TariffLibrary(platform);
    this.#now = Math.floor(platform.clock.now() / 1000);
  }

  async run(): Promise<SignedAhead> {
    const today = localDayAt(this.#now, this.#settings.timeZone);
    const tomorrow = localDay(plusDays(today.day, 1), this.#settings.timeZone);
    const [known, next] = [await this.#priced(today), await this.#priced(tomorrow)];
    const days = [known, next].filter((day) => day !== undefined);
    let signedDays = 0;
    for (const day of days) signedDays += await this.#publishDay(day);
    const length = this.#settings.minutes * 60;
    const running = today.start + Math.floor((this.#now - today.start) / length) * length;
    const counts = { prices: 0, refused: 0 };
    for (const start of [running, running + length]) {
      const told = await this.#publishPrice(days, start);
      if (told !== undefined) counts[told]++;
    }
    return { days: signedDays, ...counts, unpriced: 2 - days.length };
  }

  /** Undefined where the tariff's series doesn't reach so far yet. */
  async #priced(day: LocalDay): Promise<DayPrices | undefined> {
    const { tariff, minutes, timeZone } = this.#settings;
    try {
      return dayPrices(await this.#library.versions(tariff), day, minutes, timeZone);
    } catch (error) {
      if (error instanceof JoulekeepError && ['ERR_PRICE_MISSING', 'ERR_TARIFF_MISSING'].includes(error.code)) return undefined;
      throw error;
    }
  }

  async #publishDay(day: DayPrices): Promise<0 | 1> {
    const { tariffHead, days } = this.#state;
    const body = { ...day, ...this.#band(day.prices), zone: this.#zone, unit: PRICE_UNIT } as const;
    const standing = days.findLast(({ start }) => start === day.start);
    if (standing !== undefined && isSame(standing, body)) return 0;
    const claims: DayAheadClaims = {
      iss: PRICE_ISSUER,
      seq: tariffHead.seq + 1,
      prevHash: tariffHead.hash,
      iat: this.#now,
      nbf: this.#now,
      exp: day.start + day.prices.length * day.minutes * 60,
      ...body,
      chain: chainSnapshot(this.#state, this.#now),
    };
    const jws = await new JwsSigner(this.#platform.kms, 'tariff', PRICE_TYP.tariff).sign(claims);
    await this.#record({ type: 'PublishDayAhead', claims, jws, hash: jwsHash(jws), at: this.#platform.clock.now() });
    return 1;
  }

  async #publishPrice(days: readonly DayPrices[], start: number): Promise<'prices' | 'refused' | undefined> {
    const { latest, priceHead } = this.#state;
    const length = this.#settings.minutes * 60;
    const prices = [start, start + length].flatMap((at) => priceAt(days, at) ?? []);
    if (prices.length === 0 || (latest !== undefined && start <= latest.start)) return undefined;
    const offer = { zone: this.#zone, start, minutes: this.#settings.minutes, prices };
    if (priceFault(this.#state.days, offer) !== undefined) {
      await this.#record({ type: 'OfferPrice', ...offer, at: this.#platform.clock.now() });
      return 'refused';
    }
    const times = { iat: this.#now, nbf: start, exp: start + prices.length * length };
    const chained = { seq: priceHead.seq + 1, prevHash: priceHead.hash };
    const claims: PriceClaims = { iss: PRICE_ISSUER, ...chained, ...times, ...offer, unit: PRICE_UNIT };
    const jws = await new JwsSigner(this.#platform.kms, 'price', PRICE_TYP.price).sign(claims);
    await this.#record({ type: 'PublishPrice', claims, jws, hash: jwsHash(jws), at: this.#platform.clock.now() });
    return 'prices';
  }

  #band(prices: readonly number[]): Pick<DayAheadClaims, 'low' | 'high'> {
    const spread = Number(this.#settings.spreadMicroPerKWh);
    return {
      low: prices.map((price) => Math.max(price - spread, -PRICE_LIMIT)),
      high: prices.map((price) => Math.min(price + spread, PRICE_LIMIT)),
    };
  }

  async #record(command: Parameters<typeof priceZone.decide>[0]): Promise<void> {
    const { state } = await runDecider(this.#platform.events, `price/${this.#zone}`, priceZone, command, this.#warm);
    this.#state = state;
  }
}

function priceAt(days: readonly DayPrices[], at: number): number | undefined {
  const day = days.find((candidate) => slotOf(candidate, at) !== undefined);
  return day?.prices[slotOf(day, at)!];
}

function isSame(
  standing: DayAheadClaims,
  day: Omit<DayAheadClaims, 'iss' | 'seq' | 'prevHash' | 'iat' | 'nbf' | 'exp' | 'chain'>,
): boolean {
  const told = ({ tariff, version, currency, minutes, prices, low, high, bands }: typeof day) =>
    JSON.stringify([tariff, version, currency, minutes, prices, low, high, bands]);
  return told(standing) === told(day);
}
