import type { KeyObject } from 'node:crypto';
import { PRICE_TYP } from '../../events/price.ts';
import { type Jws, jwsHash, type PinnedKey, parseJws, verifyJws } from '../../protocol/jws.ts';
import { openKeyList, pinnedKeys, readKeyListOf } from '../../protocol/key-list.ts';
import type { JwsFault } from '../../protocol/portable/compact-jws.ts';
import { KEY_LIST_TYP } from '../../protocol/portable/listed-keys.ts';
import { jsonOf } from '../../protocol/portable/values.ts';
import { readDayAhead, readDemandResponse, readPrice } from '../../protocol/price/claims.ts';
import { bandFault, denseChainFault, sparseChainFault } from '../../protocol/price/rules.ts';
import type { Defences } from '../../topology/defences.ts';
import { type CustomerLimits, decideDemand, type Home, shedAt, withDecision } from './demand-response.ts';
import { believedUnder } from './listed-keys.ts';
import { blankMemory, type DisplayMemory, type DisplayReport, NOTHING } from './memory.ts';
import { chainBase, contradicts, type RuleFault, timeFault } from './price-rules.ts';
import type { SealedRecord } from './sealed-record.ts';
import { type ShownPrice, shownAt, type UpcomingPrice, upcomingFrom } from './shown.ts';

type DisplayDefences = Pick<Defences, 'priceSignature' | 'priceSequence' | 'priceExpiry' | 'priceBand' | 'customerLimits'>;

export interface DisplayOptions {
  readonly zone: string;
  /** Programs of demand response that the customer joined. */
  readonly programs: readonly string[];
  readonly limits: CustomerLimits;
  /** The offline root of key lists, pinned. */
  readonly root: KeyObject;
  readonly record: Pick<SealedRecord, 'read' | 'write'>;
  readonly clock: { now(): number };
  readonly random: (bytes: number) => Buffer;
  readonly defences: DisplayDefences;
  /** The device's own key, PKCS 8 in base64; what the record holds wins. */
  readonly identity: string;
  /** Micro-currency per kWh, where the customer's contract has one. */
  readonly flatMicroPerKWh?: number;
}

/** What became of an item. */
export type Verdict = { readonly taken: true } | { readonly taken: false; readonly fault: DisplayFault };
export type DisplayFault = JwsFault | RuleFault | 'unknown-type' | 'not-readable' | 'older-keys' | 'not-joined';

const DAYS_KEPT = 3;
const KNOWN_KEPT = 12;
const REPORTS_KEPT = 100;
const REPEATED_S = 3_600;
const TAKEN: Verdict = { taken: true };

/**
 * A customer's device that follows the price: it believes the signatures of keys that its pinned root lists for the purpose, and
 * nothing else. What is wrong is refused, reported and forgotten; it then shows the day-ahead tariff and says that it isn't live.
 * There are four types of messages, and none that switches anything.
 * @source X.1332 8.3 (falsified prices), 8.4 (abuse of load control), 9.2
 */
export class HomeDisplay {
  readonly #options: DisplayOptions;
  #memory: DisplayMemory;

  constructor(options: DisplayOptions) {
    this.#options = options;
    const reading = options.record.read();
    this.#memory = reading.state === 'sound' ? (JSON.parse(reading.body.toString('utf8')) as DisplayMemory) : blankMemory(options.identity);
    // What was taken before is unknown then: only what is in force now, and a chain from its signed snapshot, counts.
    if (reading.state !== 'sound' && reading.state !== 'blank') this.#report('memory', 'refused', reading.state);
  }

  /** UTC s. By what it believes it can't be earlier, whatever its clock says. */
  get now(): number {
    return Math.max(Math.floor(this.#options.clock.now() / 1000), this.#memory.knownTime);
  }

  get reports(): readonly DisplayReport[] {
    return this.#memory.reports;
  }

  get memory(): DisplayMemory {
    return this.#memory;
  }

  /** Takes or refuses one item, whoever brought it. @param compact compact JWS @param link one of a chain, of which only the last counts now */
  take(compact: string, link = false): Verdict {
    const jws = parseJws(compact);
    if ('fault' in jws) return this.#refuse('message', jws.fault);
    switch (jws.header.typ) {
      case KEY_LIST_TYP:
        return this.#takeKeys(compact);
      case PRICE_TYP.tariff:
        return this.#verified(compact, PRICE_TYP.tariff, 'tariff', (genuine) => this.#takeTariff(compact, genuine));
      case PRICE_TYP.price:
        return this.#verified(compact, PRICE_TYP.price, 'price', (genuine) => this.#takePrice(compact, genuine, link));
      case PRICE_TYP.demandResponse:
        return this.#verified(compact, PRICE_TYP.demandResponse, 'demand-response', (genuine) => this.#takeDemand(compact, genuine));
      default:
        return this.#refuse('message', 'unknown-type');
    }
  }

  /** Items of a chain, oldest first: those before the last are links, not news. */
  takeChain(items: readonly string[]): void {
    for (const [i, item] of items.entries()) this.take(item, i < items.length - 1);
  }

  shown(): ShownPrice {
    return shownAt(this.#memory, this.now, this.#options.defences, this.#options.flatMicroPerKWh);
  }

  upcoming(): readonly UpcomingPrice[] {
    return upcomingFrom(this.#memory.days, this.now);
  }

  /** Watts to leave unused now: the device's own decision. */
  shed(home: Home): number {
    return shedAt(this.#memory.decisions, this.now, home, this.#options.limits);
  }

  /** The program that runs, for the next start. @param version that passed its check */
  started(version: number): void {
    if (version > this.#memory.program) this.#keep({ program: version });
  }

  /** Writes a report about its own program. */
  programRefused(reason: string): void {
    this.#report('program', 'refused', reason);
  }

  #verified(compact: string, typ: string, about: DisplayReport['about'], take: (jws: Jws) => Verdict): Verdict {
    const jws = this.#options.defences.priceSignature ? verifyJws(compact, this.#pinned(), typ) : parseJws(compact);
    return 'fault' in jws ? this.#refuse(about, jws.fault) : take(jws);
  }

  #pinned(): ReadonlyMap<string, PinnedKey> {
    const list = readKeyListOf(this.#memory.keyList);
    return list === undefined ? new Map() : pinnedKeys(list, this.now);
  }

  #takeKeys(compact: string): Verdict {
    if (compact === this.#memory.keyList) return TAKEN;
    const list = openKeyList(compact, this.#options.root);
    if (list === undefined) return this.#refuse('keys', 'wrong-signature');
    if (list.version <= (readKeyListOf(this.#memory.keyList)?.version ?? 0)) return this.#refuse('keys', 'older-keys');
    this.#memory = believedUnder(this.#memory, list, this.now, this.#options.defences);
    this.#keep({ keyList: compact, knownTime: Math.max(this.#memory.knownTime, list.iat) });
    return TAKEN;
  }

  #takeTariff(compact: string, { payload, header }: Jws): Verdict {
    const { zone, defences } = this.#options;
    const claims = readDayAhead(jsonOf(payload));
    if (claims === undefined) return this.#refuse('tariff', 'not-readable');
    if (claims.zone !== zone) return this.#refuse('tariff', 'wrong-zone');
    const hash = jwsHash(compact);
    if (this.#memory.known.includes(hash)) return TAKEN;
    const fault = timeFault(claims, this.now, defences) ?? sparseChainFault(claims, this.#memory.tariffs, defences);
    if (fault !== undefined) return this.#refuse('tariff', fault);
    if (contradicts(this.#memory.prices, claims.chain)) this.#report('price', 'refused', 'broken-chain');
    const days = [...this.#memory.days, { ...claims, kid: header.kid, hash }].slice(-DAYS_KEPT);
    const { live, ...rest } = this.#memory;
    // A band that was moved counts for what is shown as well.
    if (live !== undefined && bandFault(live, days, defences) !== undefined) this.#memory = rest;
    const known = [...this.#memory.known, hash].slice(-KNOWN_KEPT);
    this.#keep({ days, known, tariffs: { seq: claims.seq, hash }, knownTime: this.#known(claims.iat) });
    return TAKEN;
  }

  #takePrice(compact: string, { payload, header }: Jws, link: boolean): Verdict {
    const { zone, defences } = this.#options;
    const claims = readPrice(jsonOf(payload));
    if (claims === undefined) return this.#refuse('price', 'not-readable');
    if (claims.zone !== zone) return this.#refuse('price', 'wrong-zone');
    const held = { hash: jwsHash(compact), kid: header.kid };
    const position = { seq: claims.seq, ...held };
    if (position.hash === this.#memory.prices.hash) return TAKEN;
    const broken = denseChainFault(claims, chainBase(this.#memory), defences);
    if (broken !== undefined) return this.#refuse('price', broken);
    const late = timeFault(claims, this.now, defences);
    if (late === 'expired' && link) {
      this.#keep({ prices: position });
      return { taken: false, fault: late };
    }
    const fault = late ?? bandFault(claims, this.#memory.days, defences);
    if (fault !== undefined) return this.#refuse('price', fault);
    this.#keep({ prices: position, live: { ...claims, ...held }, knownTime: this.#known(claims.iat) });
    return TAKEN;
  }

  #takeDemand(compact: string, { payload, header }: Jws): Verdict {
    const { programs, limits, defences, random } = this.#options;
    const { kid } = header;
    const claims = readDemandResponse(jsonOf(payload));
    if (claims === undefined) return this.#refuse('demand-response', 'not-readable');
    const { program, seq } = claims;
    if (!programs.includes(program)) return this.#refuse('demand-response', 'not-joined');
    const head = this.#memory.programs[program] ?? NOTHING;
    const hash = jwsHash(compact);
    if (hash === head.hash) return TAKEN;
    const fault = timeFault(claims, this.now, defences) ?? sparseChainFault(claims, head, defences);
    if (fault !== undefined) return this.#refuse('demand-response', fault);
    const earlier = this.#memory.decisions;
    const decision = decideDemand(claims, { kid, at: this.now, random: random(4).readUInt32BE(), limits, earlier }, defences);
    const decisions = withDecision(earlier, decision, this.now, limits);
    this.#memory = { ...this.#memory, decisions, knownTime: this.#known(claims.iat) };
    this.#keep({ programs: { ...this.#memory.programs, [program]: { seq, hash, kid } } });
    this.#report('demand-response', decision.outcome, decision.reason);
    return TAKEN;
  }

  /** An item may be signed a little ahead of a slow clock. */
  #known(iat: number): number {
    return Math.max(this.#memory.knownTime, iat);
  }

  #refuse(about: DisplayReport['about'], fault: DisplayFault): Verdict {
    this.#report(about, 'refused', fault);
    return { taken: false, fault };
  }

  #report(about: DisplayReport['about'], outcome: DisplayReport['outcome'], reason: string): void {
    const last = this.#memory.reports.at(-1);
    // Whoever repeats himself wears out no memory.
    if (last?.about === about && last.outcome === outcome && last.reason === reason && this.now - last.at < REPEATED_S) return;
    const reports = [...this.#memory.reports, { at: this.now, about, outcome, reason }].slice(-REPORTS_KEPT);
    this.#keep({ reports });
  }

  #keep(changed: Partial<DisplayMemory>): void {
    this.#memory = { ...this.#memory, ...changed };
    this.#options.record.write(Buffer.from(JSON.stringify(this.#memory)));
  }
}
