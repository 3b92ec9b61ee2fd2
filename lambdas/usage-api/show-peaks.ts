import type { DemandPeaks } from '../../api/customer-usage.ts';
import { addMonths } from '../../domain/tariff/dates.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { instant } from '../http/instants.ts';
import { QUALITIES } from '../project/day-usage.ts';
import { localDayAt, plusDays } from '../shared/days/local-days.ts';
import { isThere } from './costs.ts';
import type { Desk } from './desk.ts';
import { type Dates, type HomeDay, openOwn, ownSpans, usageOf } from './home-usage.ts';
import type { Span } from './premises.ts';

type Peak = DemandPeaks['months'][number];

/** The highest interval of each of 13 months that is the customer's. @throws ERR_PREMISES_UNKNOWN */
export async function showPeaks(desk: Desk, { caller, path }: Call<'showPeaks'>): Promise<Answer> {
  const own = await desk.premises.one(caller.person, path.usagePoint);
  const { usagePoint, zone } = own.point;
  const today = localDayAt(Math.floor(desk.clock.now() / 1000), zone).day;
  const dates: Dates = { from: addMonths(`${today.slice(0, 7)}-01`, -12), until: plusDays(today, 1) };
  const access = await openOwn(desk, own, dates);
  const days = access === undefined ? [] : await usageOf(desk, own, dates, access);
  const spans = ownSpans(own, dates, desk.clock.now());
  const peaks = new Map<string, Peak>();
  for (const day of days) notePeak(peaks, day, spans);
  return { body: { usagePoint, zone, months: [...peaks.values()] } satisfies DemandPeaks };
}

/** The first of equals stands. */
function notePeak(peaks: Map<string, Peak>, { day, start, minutes, import: taken }: HomeDay, spans: readonly Span[]): void {
  if (taken === undefined) return;
  const month = day.slice(0, 7);
  let most = peaks.get(month)?.peakW ?? -1;
  for (const [slot, energyWh] of taken.energyWh.entries()) {
    const peakW = Math.round((energyWh * 60) / minutes);
    if (peakW <= most || !isThere(taken.quality[slot])) continue;
    const at = start + slot * minutes * 60;
    if (!spans.some(({ from, until }) => at * 1000 >= from && (at + minutes * 60) * 1000 <= until)) continue;
    most = peakW;
    peaks.set(month, { month, peakW, at: instant(at * 1000), estimated: QUALITIES[taken.quality[slot]!] === 'estimated' });
  }
}
