import type { GrantedConsent } from '../../domain/consent/consent-state.ts';
import { spansOf } from '../../domain/usagepoint/tenancy.ts';
import type { ConsentDataClass, DataResolution } from '../../events/index.ts';
import type { SharedSeries } from '../../exchange/usage/shared-usage.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { usagePointState } from '../register/change-point.ts';
import { localDayAt, plusDays } from '../shared/local-days.ts';
import { dayStreamsOf } from '../shared/meter-days.ts';
import { openSubjectData } from '../shared/subject-data.ts';
import type { Span } from './buckets.ts';
import { closedSlots } from './closed-slots.ts';
import type { Pseudonyms } from './pseudonyms.ts';
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
  for (const usagePoint of request.usagePoints) series.push(...(await seriesOf(platform, consent, request, usagePoint, pseudonyms)));
  series.sort((one, other) => (idOf(one) < idOf(other) ? -1 : 1));
  const rows = series.flatMap((one) => one.rows);
  return {
    series,
    rows: rows.length,
    from: Math.min(request.part.from, ...rows.map(({ start }) => start * 1000)),
    until: Math.max(request.part.until, ...rows.map(({ end }) => end * 1000)),
  };
}

async function seriesOf(
  platform: Platform,
  consent: GrantedConsent,
  request: PageRequest,
  usagePoint: string,
  pseudonyms: Pseudonyms,
): Promise<readonly SharedSeries[]> {
  const { zone, tenancy } = await usagePointState(platform, usagePoint);
  const { window } = request;
  const spans = spansOf(tenancy, consent.account, window.until).filter(({ until }) => until > window.from);
  const builder = new SeriesBuilder({ ...request, usagePoint, zone, spans, now: platform.clock.now() });
  const { extent } = builder;
  if (extent === undefined || spans.length === 0) return [];
  const [first, last] = [extent.from, extent.until - 1].map((at) => localDayAt(Math.floor(at / 1000), zone).day) as [string, string];
  const streams = await dayStreamsOf(platform, { usagePoint }, { from: first, until: plusDays(last, 1) });
  if (streams.length === 0) return [];
  const access = await openSubjectData(platform, {
    ...{ purpose: 'third-party', from: extent.from, until: extent.until, subjects: [consent.account] },
    grounds: { who: consent.recipient, purpose: consent.purpose, legalBasis: `consent ${consent.consentId}` },
  });
  const names = streams.map(({ stream }) => stream);
  for await (const slot of closedSlots(platform, usagePoint, names, access)) builder.add(slot);
  return await builder.series(pseudonyms);
}

function idOf({ usagePoint, direction, unit, intervalMinutes, rows }: SharedSeries): string {
  return [usagePoint, direction, unit, String(intervalMinutes).padStart(3, '0'), String(rows[0]?.start)].join(' ');
}
