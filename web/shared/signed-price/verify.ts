import { type ChainLink, type DayAheadClaims, PRICE_TYP, type PriceClaims } from '../../../events/price.ts';
import type { JwsFault } from '../../../protocol/portable/compact-jws.ts';
import { isRecord } from '../../../protocol/portable/values.ts';
import { readDayAhead, readPrice } from '../../../protocol/price/claims.ts';
import { bandFault, denseChainFault, sparseChainFault } from '../../../protocol/price/rules.ts';
import type { Defences } from '../../../topology/defences.ts';
import { sha256 } from '../base64url.ts';
import { parseJws, type TrustedKey, verifyJws } from './jws.ts';
import { openKeyList, trustedKeys } from './key-list.ts';
import { memoryFault, type RuleFault, timeFault } from './rules.ts';

export type PriceFault = JwsFault | RuleFault | 'not-readable' | 'older-keys';

/** Answer of `GET /v1/prices/{zone}`: compact JWS each, none of them believed. */
export interface PriceBundle {
  readonly keys?: string;
  readonly tariffs: readonly string[];
  readonly prices: readonly string[];
}

/** What was verified before; nothing goes back behind it. */
export interface PriceMemory {
  /** Version of the key list. */
  readonly keys: number;
  readonly tariff: ChainLink;
  readonly price: ChainLink;
  /** UTC s: by what was verified it can't be earlier. */
  readonly knownTime: number;
}

export interface PriceTrust {
  /** SPKI DER, base64url, of the pinned root. */
  readonly root: string;
  readonly zone: string;
  /** UTC s. */
  readonly at: number;
  readonly defences: Pick<Defences, 'priceSignature' | 'priceSequence' | 'priceExpiry' | 'priceBand'>;
}

/** What counts of an answer. Whatever does not is in `faults`, and nowhere else. */
export interface VerifiedPrices {
  readonly days: readonly DayAheadClaims[];
  readonly live?: PriceClaims;
  readonly faults: readonly PriceFault[];
  readonly memory: PriceMemory;
}

const NOTHING: ChainLink = { seq: 0, hash: '' };
export const BLANK_MEMORY: PriceMemory = { keys: 0, tariff: NOTHING, price: NOTHING, knownTime: 0 };

/**
 * Believes what keys signed that the pinned root lists for that purpose, in its time, in its order, inside its band. It never throws.
 * @source X.1332 8.3 (falsified prices), 9.2
 */
export async function verifyPrices(bundle: unknown, trust: PriceTrust, memory: PriceMemory = BLANK_MEMORY): Promise<VerifiedPrices> {
  const refused = (fault: PriceFault): VerifiedPrices => ({ days: [], faults: [fault], memory });
  if (!isRecord(bundle) || !Array.isArray(bundle['tariffs']) || !Array.isArray(bundle['prices'])) return refused('malformed');
  const list = await openKeyList(bundle['keys'], trust.root);
  if ('fault' in list) return refused(list.fault);
  if (list.version < memory.keys) return refused('older-keys');
  const at = Math.max(trust.at, memory.knownTime, list.iat);
  const keys = await trustedKeys(list, at);
  const known: PriceMemory = { ...memory, keys: list.version, knownTime: Math.max(memory.knownTime, list.iat) };
  return new Verifier({ ...trust, at }, keys).run(bundle['tariffs'], bundle['prices'], known);
}

interface Genuine<Claims> {
  readonly claims: Claims;
  readonly hash: string;
}

class Verifier {
  readonly #trust: PriceTrust;
  readonly #keys: ReadonlyMap<string, TrustedKey>;
  readonly #faults: PriceFault[] = [];

  constructor(trust: PriceTrust, keys: ReadonlyMap<string, TrustedKey>) {
    this.#trust = trust;
    this.#keys = keys;
  }

  async run(tariffs: readonly unknown[], prices: readonly unknown[], memory: PriceMemory): Promise<VerifiedPrices> {
    const days = await this.#days(tariffs, memory);
    const live = await this.#live(
      prices,
      days.map(({ claims }) => claims),
      memory,
    );
    const newest = days.at(-1);
    return {
      days: days.map(({ claims }) => claims),
      ...(live !== undefined && { live: live.claims }),
      faults: this.#faults,
      memory: {
        ...memory,
        tariff: newest === undefined ? memory.tariff : { seq: newest.claims.seq, hash: newest.hash },
        price: live === undefined ? memory.price : { seq: live.claims.seq, hash: live.hash },
        knownTime: Math.max(memory.knownTime, newest?.claims.iat ?? 0, live?.claims.iat ?? 0),
      },
    };
  }

  /** Tariffs that count, oldest first. */
  async #days(tariffs: readonly unknown[], { tariff: seen }: PriceMemory): Promise<readonly Genuine<DayAheadClaims>[]> {
    const { at, defences } = this.#trust;
    const days: Genuine<DayAheadClaims>[] = [];
    for (const compact of tariffs) {
      const day = await this.#genuine(compact, PRICE_TYP.tariff, readDayAhead);
      if (day === undefined) continue;
      const before = days.at(-1);
      // The first that is handed out has others before it.
      const broken = before && sparseChainFault(day.claims, { seq: before.claims.seq, hash: before.hash }, defences);
      const fault = timeFault(day.claims, at, defences) ?? broken;
      if (fault === undefined) days.push(day);
      else this.#faults.push(fault);
    }
    const newest = days.at(-1);
    const fault = newest && memoryFault({ seq: newest.claims.seq, hash: newest.hash }, seen, defences);
    if (fault === undefined) return days;
    this.#faults.push(fault);
    return [];
  }

  /** The last of the chain, when it hangs on the newest tariff's snapshot without a break. */
  async #live(
    prices: readonly unknown[],
    days: readonly DayAheadClaims[],
    { price: seen }: PriceMemory,
  ): Promise<Genuine<PriceClaims> | undefined> {
    const { at, defences } = this.#trust;
    if (prices.length === 0) return undefined;
    const last = await this.#genuine(prices.at(-1), PRICE_TYP.price, readPrice);
    if (last === undefined) return undefined;
    const fault =
      memoryFault({ seq: last.claims.seq, hash: last.hash }, seen, defences) ??
      (await this.#chainFault(prices, days.at(-1)?.chain)) ??
      timeFault(last.claims, at, defences) ??
      bandFault(last.claims, days, defences);
    if (fault === undefined) return last;
    this.#faults.push(fault);
    return undefined;
  }

  /** Each names the hash of the one before, so the signature of the last holds all of them. */
  async #chainFault(prices: readonly unknown[], snapshot: ChainLink | undefined): Promise<RuleFault | undefined> {
    if (snapshot === undefined) return 'no-tariff';
    let before = snapshot;
    for (const compact of prices) {
      const jws = parseJws(compact);
      const claims = 'fault' in jws ? undefined : readPrice(jws.payload);
      const fault = claims === undefined ? 'broken-chain' : denseChainFault(claims, before, this.#trust.defences);
      // The whole chain is handed out at once, and nobody brings what is missing from it.
      if (claims === undefined || fault !== undefined) return fault === 'gap' ? 'broken-chain' : fault;
      before = { seq: claims.seq, hash: await sha256(String(compact)) };
    }
    return undefined;
  }

  async #genuine<Claims extends { readonly zone: string }>(
    compact: unknown,
    typ: string,
    read: (payload: unknown) => Claims | undefined,
  ): Promise<Genuine<Claims> | undefined> {
    const { zone, defences } = this.#trust;
    const jws = defences.priceSignature ? await verifyJws(compact, this.#keys, typ) : parseJws(compact);
    const claims = 'fault' in jws ? undefined : read(jws.payload);
    const fault = 'fault' in jws ? jws.fault : claims === undefined ? 'not-readable' : claims.zone === zone ? undefined : 'wrong-zone';
    if (fault === undefined && claims !== undefined) return { claims, hash: await sha256(String(compact)) };
    if (fault !== undefined) this.#faults.push(fault);
    return undefined;
  }
}
