import { evolveConsent, type GrantedConsent, UNKNOWN_CONSENT } from '../../domain/consent/consent-state.ts';
import {
  CONSENT_RECORDED,
  type ConsentRecorded,
  PARTY_DAY,
  PARTY_ERASURE,
  type PartyDay,
  type PartyErasure,
  THIRD_PARTY_TYPE,
} from '../../events/catalogue/third-party.ts';
import { NOTICE_TYPE, type NoticeItem } from '../../events/catalogue/third-party-feed.ts';
import { type DomainEvent, JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { consentIdsOf } from '../consent/consent-index.ts';
import { consentStream } from '../consent/consent-stream.ts';
import { localDay, plusDays } from '../shared/days/local-days.ts';
import { foldStream } from '../shared/streams.ts';
import { Pseudonyms, periodOf } from '../third-party/pseudonyms.ts';

/** What an item carries besides place and statement. */
type NoticeBody = NoticeItem extends infer Item
  ? Item extends NoticeItem
    ? Omit<Item, 'feed' | 'seq' | 'prevHash' | 'issuedAt' | 'revision' | 'window'>
    : never
  : never;

/** What one recipient is to be told. */
export interface Notice {
  readonly recipient: string;
  /** What it tells of: stream and version, and of a day the consent. */
  readonly fact: string;
  /** UTC ms. */
  readonly window: { readonly from: number; readonly until: number };
  readonly body: NoticeBody;
}

const CHANGES: Readonly<Partial<Record<DomainEvent['type'], 'granted' | 'narrowed' | 'revoked' | 'expired'>>> = {
  ConsentGranted: 'granted',
  ConsentNarrowed: 'narrowed',
  ConsentRevoked: 'revoked',
  ConsentExpired: 'expired',
};

const DAY_MS = 86_400_000;

/** What facts mean for recipients of consents. Opens no customer's data: whose a day is and when it was is all it is told. */
export class Notices {
  readonly #platform: Platform;
  readonly #defences: Pick<Defences, 'pseudonyms'>;

  constructor(platform: Platform, defences: Pick<Defences, 'pseudonyms'>) {
    this.#platform = platform;
    this.#defences = defences;
  }

  /** @param body an integration event @throws ERR_EVENT_UNKNOWN */
  async of(body: string): Promise<readonly Notice[]> {
    const { type, id, data } = JSON.parse(body) as { type?: unknown; id?: unknown; data?: unknown };
    if (type === THIRD_PARTY_TYPE.dayClosed && typeof id === 'string') return await this.#ofDay(id, PARTY_DAY.parse(data));
    if (type === THIRD_PARTY_TYPE.consentRecorded) return await this.#ofConsent(CONSENT_RECORDED.parse(data));
    if (type === THIRD_PARTY_TYPE.subjectErased && typeof id === 'string') return await this.#ofErasure(id, PARTY_ERASURE.parse(data));
    throw new JoulekeepError('ERR_EVENT_UNKNOWN', 'an event that is not for the feeds of third parties');
  }

  async #ofDay(id: string, day: PartyDay): Promise<readonly Notice[]> {
    const { directory, kms, clock } = this.#platform;
    const notices: Notice[] = [];
    for (const consentId of await consentIdsOf(directory, day.account)) {
      const consent = await this.#consent(consentId);
      if (consent?.status !== 'granted' || clock.now() >= consent.expiresAt || !consent.usagePoints.includes(day.usagePoint)) continue;
      const { recipient } = consent;
      const window = windowOf(day, consent);
      if (window.from >= window.until) continue;
      const usagePoint = await new Pseudonyms(kms, recipient, this.#defences).of('usage-point', day.usagePoint, periodOf(day.day));
      const body = { type: NOTICE_TYPE.dataAvailable, subscription: consentId, usagePoint };
      notices.push({ recipient, fact: `${id} ${consentId}`, window, body });
    }
    return notices;
  }

  async #ofConsent({ consent: consentId, version }: ConsentRecorded): Promise<readonly Notice[]> {
    const stream = consentStream(consentId);
    const consent = await this.#consent(consentId);
    if (consent === undefined) return [];
    const { recipient, from, until } = consent;
    for await (const commit of this.#platform.events.read(stream, version))
      return commit.events.flatMap(({ type }, i) => {
        const change = CHANGES[type];
        if (change === undefined) return [];
        const body = { type: NOTICE_TYPE.consentChanged, subscription: consentId, change };
        return [{ recipient, fact: `${stream}/${version + i}`, window: { from, until }, body }];
      });
    throw new JoulekeepError('ERR_COMMIT_ABSENT', `${stream} has no commit ${version} yet`, { retryable: true });
  }

  /** A notice for each consent there was, with every name by which the recipient may have the premises. */
  async #ofErasure(id: string, { account, recipient }: PartyErasure): Promise<readonly Notice[]> {
    const { directory, kms, clock } = this.#platform;
    const pseudonyms = new Pseudonyms(kms, recipient, this.#defences);
    const notices: Notice[] = [];
    for (const consentId of await consentIdsOf(directory, account)) {
      const consent = await this.#consent(consentId);
      if (consent?.recipient !== recipient) continue;
      const { from, until, usagePoints } = consent;
      const years = periodsBetween(from, Math.min(until, clock.now()));
      const names = await Promise.all(usagePoints.flatMap((point) => years.map((year) => pseudonyms.of('usage-point', point, year))));
      const body = { type: NOTICE_TYPE.subjectErased, subscription: consentId, usagePoints: [...new Set(names)].sort() };
      notices.push({ recipient, fact: `${id} ${consentId}`, window: { from, until }, body });
    }
    return notices;
  }

  async #consent(consentId: string): Promise<GrantedConsent | undefined> {
    const { state } = await foldStream(this.#platform.events, consentStream(consentId), {
      initial: UNKNOWN_CONSENT,
      evolve: evolveConsent,
    });
    return state.status === 'unknown' || state.status === 'requested' ? undefined : state;
  }
}

/** Periods of pseudonyms, those around the turn of a year by whatever local date included. @param from, until UTC ms */
function periodsBetween(from: number, until: number): string[] {
  const [first, last] = [from - DAY_MS, Math.max(from, until) + DAY_MS].map((at) => Number(periodOf(new Date(at).toISOString()))) as [
    number,
    number,
  ];
  return Array.from({ length: last - first + 1 }, (_, i) => String(first + i));
}

/** What of the consent's window the day is in. Who gets months is told of months: not which day it was. */
function windowOf({ day, zone, from, until }: PartyDay, consent: GrantedConsent): Notice['window'] {
  const first = `${day.slice(0, 7)}-01`;
  const next = `${plusDays(first, 31).slice(0, 7)}-01`;
  const told =
    consent.resolution === 'month'
      ? { from: localDay(first, zone).start * 1000, until: localDay(next, zone).start * 1000 }
      : { from, until };
  return { from: Math.max(told.from, consent.from), until: Math.min(told.until, consent.until) };
}
