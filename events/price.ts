/**
 * Facts of the streams `price/<zone>` and `demand-response/<program>`: what was signed for customers' devices, as it was signed.
 * Prices are micro-currency per kWh before tax, integers of at most PRICE_LIMIT either way, so that JSON holds them exactly.
 * @source X.1332 8.3, 9.2 (integrity of messages to customers)
 */
export type PriceEvent =
  | { readonly type: 'PriceZoneProposed'; readonly data: PriceZoneProposed }
  | { readonly type: 'PriceZoneApproved'; readonly data: PriceZoneApproved }
  | { readonly type: 'DayAheadPublished'; readonly data: DayAheadPublished }
  | { readonly type: 'PricePublished'; readonly data: PricePublished }
  | { readonly type: 'PriceRefused'; readonly data: PriceRefused };

export type DemandResponseStreamEvent =
  | { readonly type: 'DemandResponseProgramOpened'; readonly data: DemandResponseProgramOpened }
  | { readonly type: 'DemandResponsePublished'; readonly data: DemandResponsePublished };

/** `typ` of what is signed for customers' devices, each by a key of its own. */
export const PRICE_TYP = {
  tariff: 'joulekeep-tariff+jws',
  price: 'joulekeep-price+jws',
  demandResponse: 'joulekeep-demand-response+jws',
} as const;

export const PRICE_ISSUER = 'joulekeep';
export const PRICE_UNIT = 'micro-currency/kWh';
/** Micro-currency per kWh, either way. */
export const PRICE_LIMIT = 1_000_000_000_000;

/** How a zone is priced. What moves the band (tariff, spread) waits for a second person. */
export interface ZoneSettings {
  /** Tariff whose energy charges the price of a slot is the sum of. */
  readonly tariff: string;
  /** IANA name: whose days a day-ahead tariff covers. */
  readonly timeZone: string;
  /** Length of an interval: 5, 15, 30 or 60. */
  readonly minutes: number;
  /** How far a real-time price may be from the day-ahead one, micro-currency per kWh, decimal. */
  readonly spreadMicroPerKWh: string;
}

export interface PriceZoneProposed {
  readonly zone: string;
  readonly settings: ZoneSettings;
  readonly by: string;
  readonly at: number;
}

/** The proposal that stood is in force. */
export interface PriceZoneApproved {
  readonly zone: string;
  readonly by: string;
  readonly at: number;
}

/** Where a chain stands: the last of it. Nothing yet: 0 and an empty text. */
export interface ChainLink {
  readonly seq: number;
  /** SHA-256 of the compact JWS, base64url. */
  readonly hash: string;
}

/** Claims that every signed item has. Times are UTC s. */
interface SignedClaims {
  readonly iss: typeof PRICE_ISSUER;
  /** Dense from 1 within its chain. */
  readonly seq: number;
  /** Hash of the compact JWS before it; empty at the first. */
  readonly prevHash: string;
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
}

/** A day of prices, and how far real-time prices may be from them. Chain of its own; key `tariff`. */
export interface DayAheadClaims extends SignedClaims {
  readonly zone: string;
  readonly unit: typeof PRICE_UNIT;
  readonly currency: string;
  readonly tariff: string;
  readonly version: number;
  /** UTC s; interval i begins at `start + i * minutes * 60`. */
  readonly start: number;
  readonly minutes: number;
  readonly prices: readonly number[];
  /** Lowest and highest real-time price of each interval, both included. */
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Name of the tariff's band in each interval; empty where it has none. */
  readonly bands: readonly string[];
  /** Where the chain of real-time prices stood: from here a device that missed some may go on. */
  readonly chain: ChainLink;
}

/** Price of an interval, and of the one after it where that is known. Key `price`. */
export interface PriceClaims extends SignedClaims {
  readonly zone: string;
  readonly unit: typeof PRICE_UNIT;
  /** UTC s, `nbf` as well. */
  readonly start: number;
  readonly minutes: number;
  /** One or two. It ends with the last of them. */
  readonly prices: readonly number[];
}

/** A wish of the utility, which a customer's device decides about. Key `demand-response`. */
export interface DemandResponseClaims extends SignedClaims {
  readonly program: string;
  readonly event: AdrEvent;
}

/** Event object. @source OpenADR 3.1.0, schema `event` */
export interface AdrEvent {
  readonly id: string;
  readonly createdDateTime: string;
  readonly modificationDateTime: string;
  readonly objectType: 'EVENT';
  readonly programID: string;
  readonly eventName: string;
  readonly priority: number;
  readonly intervalPeriod: { readonly start: string; readonly duration: string; readonly randomizeStart: string };
  readonly intervals: readonly {
    readonly id: number;
    readonly payloads: readonly { readonly type: string; readonly values: readonly (number | string | boolean)[] }[];
  }[];
}

/** As it was signed. */
export interface Signed<Claims> {
  readonly claims: Claims;
  /** Compact JWS. */
  readonly jws: string;
  readonly hash: string;
  readonly at: number;
}

export type DayAheadPublished = Signed<DayAheadClaims>;
export type PricePublished = Signed<PriceClaims>;
export type DemandResponsePublished = Signed<DemandResponseClaims>;

/** A real-time price that was not signed. */
export interface PriceRefused {
  readonly zone: string;
  readonly start: number;
  readonly prices: readonly number[];
  readonly reason: PriceFault;
  readonly at: number;
}

export type PriceFault = 'no-day-ahead' | 'outside-band';

export interface DemandResponseProgramOpened {
  readonly program: string;
  readonly name: string;
  readonly at: number;
}
