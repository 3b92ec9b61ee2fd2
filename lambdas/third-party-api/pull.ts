import type { PullQuery } from '../../api/third-party.ts';
import { evolveConsent, type GrantedConsent, UNKNOWN_CONSENT } from '../../domain/consent/consent-state.ts';
import type { ConsentDataClass, DisclosureRefusal } from '../../events/index.ts';
import type { SharedSeries } from '../../exchange/usage/shared-usage.ts';
import type { EventStore } from '../../platform/ports/event-store.ts';
import { consentStream } from '../consent/consent-stream.ts';
import { foldStream } from '../shared/streams.ts';
import type { DisclosedPage, Disclosures } from '../third-party/disclosure.ts';
import type { Bearing } from './token.ts';

/** What of a subscription is wanted. */
export interface Pull {
  readonly bearing: Bearing;
  readonly query: PullQuery;
  /** One usage point, as the recipient knows it. */
  readonly point?: string;
  readonly reading?: ConsentDataClass;
  readonly requestId: string;
}

export type Pulled =
  | { readonly page: DisclosedPage; readonly consent: GrantedConsent; readonly series: readonly SharedSeries[] }
  | { readonly refused: DisclosureRefusal };

/**
 * One page of a subscription. Consent is decided for this page, whatever the token was issued for.
 * @throws ERR_CURSOR_REFUSED
 */
export async function pullPage(events: EventStore, disclosures: Disclosures, pull: Pull): Promise<Pulled> {
  const { bearing, query, point, reading, requestId } = pull;
  const { recipient, consentId } = bearing;
  const consent = await consentOf(events, consentId);
  if (consent === undefined) return { refused: 'consent-missing' };
  const { cursor, resolution = consent.resolution } = query;
  const window = windowOf(consent, query);
  const classes = reading === undefined ? {} : { dataClasses: [reading] };
  const page = await disclosures.disclose({
    ...{ recipient, consentId, window, resolution, requestId },
    ...classes,
    ...(cursor !== undefined && { cursor }),
  });
  if (page.outcome === 'refused') return { refused: page.why };
  return { page, consent, series: point === undefined ? page.series : page.series.filter(({ usagePoint }) => usagePoint === point) };
}

/** What is asked for; all that the consent covers, where nothing is said. UTC ms. */
export function windowOf(consent: GrantedConsent, query: PullQuery): { readonly from: number; readonly until: number } {
  return {
    from: query['published-min'] === undefined ? consent.from : Date.parse(query['published-min']),
    until: query['published-max'] === undefined ? consent.until : Date.parse(query['published-max']),
  };
}

/** A consent as it stands; undefined where none was ever given. */
export async function consentOf(events: EventStore, consentId: string): Promise<GrantedConsent | undefined> {
  const { state } = await foldStream(events, consentStream(consentId), { initial: UNKNOWN_CONSENT, evolve: evolveConsent });
  return state.status === 'unknown' || state.status === 'requested' ? undefined : state;
}
