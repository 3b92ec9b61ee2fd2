import { createHash } from 'node:crypto';
import { consentDecider, type DisclosePage, type RefuseDisclosure } from '../../domain/consent/consent.ts';
import type { ConsentState, GrantedConsent } from '../../domain/consent/consent-state.ts';
import { covers, type DisclosureRequest } from '../../domain/consent/covers.ts';
import type { ConsentDataClass, DataResolution, DisclosureRefusal, DisclosureWay } from '../../events/index.ts';
import type { SharedBill, SharedSeries } from '../../exchange/usage/shared-usage.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { Sessions } from '../../platform/ports/sessions.ts';
import type { Defences } from '../../topology/defences.ts';
import { consentStream, isConsentId } from '../consent/consent-stream.ts';
import { noteStanding } from '../consent/shown-consent.ts';
import { openCursor, sealCursor } from '../http/cursor.ts';
import { foldStream, runDecider, WarmStreams } from '../shared/streams.ts';
import type { Span } from './buckets.ts';
import { gatherPage } from './gather-page.ts';
import { Pseudonyms } from './pseudonyms.ts';

/** What a recipient, who has proved that it is one, asks for. UTC ms. */
export interface DisclosureAsk {
  readonly recipient: string;
  readonly consentId: string;
  readonly window: Span;
  readonly resolution: DataResolution;
  /** All that the consent names, where absent. */
  readonly dataClasses?: readonly ConsentDataClass[];
  /** Of the page before. */
  readonly cursor?: string;
  readonly requestId: string;
  readonly via?: DisclosureWay;
}

export type Disclosure = DisclosedPage | { readonly outcome: 'refused'; readonly why: DisclosureRefusal };

export interface DisclosedPage {
  readonly outcome: 'disclosed';
  readonly series: readonly SharedSeries[];
  readonly bills: readonly SharedBill[];
  /** Of series, and bills. */
  readonly rows: number;
  /** SHA-256 of `{ series, bills }` as JSON, hex; the customer's record of the page has the same. */
  readonly hash: string;
  /** Absent behind the last page. */
  readonly next?: string;
}

/** The least that every purpose reads at once: days of meters opened for one page at most. */
const DAYS_PER_PAGE = 800;
const LONGEST_PART_DAYS: Readonly<Record<DataResolution, number>> = { month: 400, day: 92, hour: 31, interval: 7 };
const DAY_MS = 86_400_000;
const STREAMS_KEPT = 1_000;

/** The defences that disclosures rest on. */
export type DisclosureDefences = Pick<Defences, 'consentAtDelivery' | 'purposeResolution' | 'pseudonyms'>;

/**
 * Discloses, page by page. The consent is asked as its stream stands when the page is ready, and what leaves is recorded on top of
 * exactly that version: a revocation that comes in between wins, and the page stays here. Of somebody who is erased
 * nothing leaves.
 * @source X.1332 9.3, 8.2
 */
export class Disclosures {
  readonly #platform: Platform;
  readonly #defences: DisclosureDefences;
  readonly #decider: ReturnType<typeof consentDecider>;
  readonly #sessions: Sessions;
  readonly #warm = new WarmStreams<ConsentState>(STREAMS_KEPT);

  constructor(platform: Platform, defences: DisclosureDefences) {
    this.#platform = platform;
    this.#defences = defences;
    this.#decider = consentDecider(defences);
    this.#sessions = new Sessions({ ...platform, wall: platform.clock });
  }

  /** @throws ERR_CURSOR_REFUSED for another recipient's, or of another question */
  async disclose(ask: DisclosureAsk): Promise<Disclosure> {
    const { platform, state } = await this.#stateOf(ask);
    const request = this.#requestOf(ask, state);
    const why = covers(state, request, platform.clock.now(), this.#defences);
    if (why !== 'allowed') return await this.#refused(ask, request, why);
    const consent = state as GrantedConsent;
    const part = await this.#partOf(ask, request.usagePoints.length);
    const pseudonyms = new Pseudonyms(platform.kms, ask.recipient, this.#defences);
    const page = await gatherPage(platform, consent, { ...request, resolution: ask.resolution, window: ask.window, part }, pseudonyms);
    const { series, bills, rows } = page;
    const hash = createHash('sha256').update(JSON.stringify({ series, bills })).digest('hex');
    const disclosed = { ...request, from: page.from, until: page.until };
    const decision = await this.#decide(ask, { type: 'Disclose', ...this.#asked(ask, disclosed), rows, hash });
    if (decision !== 'allowed') return { outcome: 'refused', why: decision };
    const next = await this.#next(ask, part);
    return { outcome: 'disclosed', series, bills, rows, hash, ...(next && { next }) };
  }

  /**
   * Whether something may be pushed about this consent now. What may not is dropped, and acknowledged to whoever brought it: no one
   * sends it again. @returns why not, on record
   */
  async mayDeliver(ask: Omit<DisclosureAsk, 'cursor'>): Promise<'deliver' | DisclosureRefusal> {
    const { platform, state } = await this.#stateOf(ask);
    const request = this.#requestOf(ask, state);
    const why = covers(state, request, platform.clock.now(), this.#defences);
    if (why === 'allowed') return 'deliver';
    await this.#refused({ ...ask, via: 'push' }, request, why);
    return why;
  }

  async #stateOf({ consentId }: Pick<DisclosureAsk, 'consentId'>): Promise<{ platform: Platform; state: ConsentState }> {
    const platform = this.#platform;
    // What can't be an id names no stream.
    if (!isConsentId(consentId)) return { platform, state: this.#decider.initial };
    const stream = consentStream(consentId);
    const before = this.#warm.get(stream)?.head.version;
    const folded = await foldStream(platform.events, stream, this.#decider, this.#warm);
    await noteStanding(platform.directory, folded, before);
    return { platform, state: await this.#heldTo(folded.state) };
  }

  /** What somebody gave while being erased ends here, where nobody has seen it yet. */
  async #heldTo(state: ConsentState): Promise<ConsentState> {
    if (state.status !== 'granted' || !this.#defences.consentAtDelivery) return state;
    const { events, clock } = this.#platform;
    if (!(await this.#sessions.isBarred({ role: 'customer', person: state.account }))) return state;
    const revoke = { type: 'RevokeConsent', by: 'erasure', at: clock.now() } as const;
    return (await runDecider(events, consentStream(state.consentId), this.#decider, revoke, this.#warm)).state;
  }

  #requestOf(ask: DisclosureAsk, state: ConsentState): DisclosureRequest {
    const { recipient, resolution, window } = ask;
    const granted = state.status === 'unknown' || state.status === 'requested' ? undefined : state;
    const dataClasses = ask.dataClasses ?? granted?.dataClasses ?? [];
    return { recipient, resolution, ...window, dataClasses, usagePoints: granted?.usagePoints ?? [] };
  }

  async #refused(ask: DisclosureAsk, request: DisclosureRequest, why: DisclosureRefusal): Promise<Disclosure> {
    if (isConsentId(ask.consentId)) await this.#decide(ask, { type: 'RefuseDisclosure', ...this.#asked(ask, request) });
    return { outcome: 'refused', why };
  }

  #asked(ask: DisclosureAsk, request: DisclosureRequest): Omit<RefuseDisclosure, 'type'> {
    return { request, requestId: ask.requestId, via: ask.via ?? 'pull', at: this.#platform.clock.now() };
  }

  /** Records what is decided on the newest version of the stream. */
  async #decide(ask: DisclosureAsk, command: DisclosePage | RefuseDisclosure): Promise<'allowed' | DisclosureRefusal> {
    const stream = consentStream(ask.consentId);
    const { state } = await runDecider(this.#platform.events, stream, this.#decider, command, this.#warm);
    return covers(state, command.request, command.at, this.#defences);
  }

  async #partOf(ask: DisclosureAsk, usagePoints: number): Promise<Span> {
    const { kms } = this.#platform;
    const { recipient, cursor, window, resolution } = ask;
    const from = cursor === undefined ? window.from : (await openCursor<{ from: number }>(kms, recipient, listOf(ask), cursor)).from;
    const days = Math.max(1, Math.min(LONGEST_PART_DAYS[resolution], Math.floor(DAYS_PER_PAGE / usagePoints)));
    return { from, until: Math.min(window.until, from + days * DAY_MS) };
  }

  async #next(ask: DisclosureAsk, { until }: Span): Promise<string | undefined> {
    const { kms, clock } = this.#platform;
    if (until >= Math.min(ask.window.until, clock.now())) return undefined;
    return await sealCursor(kms, ask.recipient, listOf(ask), { from: until });
  }
}

/** A cursor goes on with the same question only. */
function listOf({ consentId, window, resolution, dataClasses }: DisclosureAsk): string {
  return JSON.stringify(['disclosure', consentId, window.from, window.until, resolution, dataClasses ?? 'all']);
}
