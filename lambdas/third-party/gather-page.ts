import type { GrantedConsent } from '../../domain/consent/consent-state.ts';
import { spansOf } from '../../domain/usagepoint/tenancy.ts';
import type { OpenUsagePoint } from '../../domain/usagepoint/usagepoint-state.ts';
import type { ConsentDataClass, DataResolution } from '../../events/index.ts';
import type { SharedBill, SharedSeries } from '../../exchange/usage/shared-usage.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { usagePointState } from '../register/change-point.ts';
import { openSubjectData } from '../shared/access/subject-data.ts';
import { localDayAt, plusDays } from '../shared/days/local-days.ts';
import { dayStreamsOf } from '../shared/days/meter-days.ts';
import type { Span } from './buckets.ts';
import { closedSlots } from './closed-slots.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { billStreamsOf, sharedBills } from './shared-bills.ts';
import { SeriesBuilder } from './shared-series.ts';

/** One page of what a consent may cover; whether it does is decided by whoever asks. UTC ms. */
export interface PageRequest {
  readonly resolution: DataResolution;
  readonly dataClasses: readonly ConsentDataClass[];
  readonly usagePoints: readonly string[];
  readonly window: Span;
  readonly part: Span;
}

export interface GatheredPage {
  readonly series: readonly SharedSeries[];
  readonly bills: readonly SharedBill[];
  /** Of series, and bills. */
  readonly rows: number;
  /** Where the data begins and ends: a month that begins in the part may end behind it. UTC ms. */
  readonly from: number;
  readonly until: number;
}

/**
 * Opens what the customer shares, behind a record that names the recipient, the purpose and the consent, and adds it up to rows. What
 * was another's in between stays shut.
 */
export async function gatherPage(
  platform: Platform,
  consent: GrantedConsent,
  request: PageRequest,
  pseudonyms: Pseudonyms,
): Promise<GatheredPage> {
  const series: SharedSeries[] = [];
  const bills: SharedBill[] = [];
  for (const usagePoint of request.usagePoints) {
    const point = await usagePointState(platform, usagePoint);
    series.push(...(await seriesOf(platform, consent, request, point, pseudonyms)));
    if (request.dataClasses.includes('bills')) bills.push(...(await billsOf(platform, consent, request, point, pseudonyms)));
  }
  series.sort((one, other) => (idOf(one) < idOf(other) ? -1 : 1));
  const rows = [...series.flatMap((one) => one.rows), ...bills];
  return {
    series,
    bills,
    rows: rows.length,
    from: Math.min(request.part.from, ...rows.map(({ start }) => start * 1000)),
    until: Math.max(request.part.until, ...rows.map(({ end }) => end * 1000)),
  };
}

async function seriesOf(
  platform: Platform,
  consent: GrantedConsent,
  request: PageRequest,
  { usagePoint, zone, tenancy }: OpenUsagePoint,
  pseudonyms: Pseudonyms,
): Promise<readonly SharedSeries[]> {
  const { window } = request;
  const spans = spansOf(tenancy, consent.account, window.until).filter(({ until }) => until > window.from);
  const builder = new SeriesBuilder({ ...request, usagePoint, zone, spans, now: platform.clock.now() });
  const { extent } = builder;
  if (extent === undefined || spans.length === 0) return [];
  const [first, last] = [extent.from, extent.until - 1].map((at) => localDayAt(Math.floor(at / 1000), zone).day) as [string, string];
  const streams = await dayStreamsOf(platform, { usagePoint }, { from: first, until: plusDays(last, 1) });
  if (streams.length === 0) return [];
  const access = await opened(platform, consent, extent);
  const names = streams.map(({ stream }) => stream);
  for await (const slot of closedSlots(platform, usagePoint, names, access)) builder.add(slot);
  return await builder.series(pseudonyms);
}

async function billsOf(
  platform: Platform,
  consent: GrantedConsent,
  { window, part }: PageRequest,
  { usagePoint, zone }: OpenUsagePoint,
  pseudonyms: Pseudonyms,
): Promise<readonly SharedBill[]> {
  const request = { account: consent.account, usagePoint, zone, window, part };
  const streams = await billStreamsOf(platform, request);
  if (streams.length === 0) return [];
  return await sharedBills(platform, streams, request, pseudonyms, await opened(platform, consent, part));
}

/** On record first: for whom, what for, and by which consent. */
function opened(platform: Platform, { account, recipient, purpose, consentId }: GrantedConsent, { from, until }: Span) {
  return openSubjectData(platform, {
    ...{ purpose: 'third-party', from, until, subjects: [account] },
    grounds: { who: recipient, purpose, legalBasis: `consent ${consentId}` },
  });
}

function idOf({ usagePoint, direction, unit, intervalMinutes, rows }: SharedSeries): string {
  return [usagePoint, direction, unit, String(intervalMinutes).padStart(3, '0'), String(rows[0]?.start)].join(' ');
}
