import type { UsageRow } from '../../api/customer-usage.ts';
import { feedPieces } from '../../exchange/espi/feed.ts';
import type { SharedRow, SharedSeries } from '../../exchange/usage/shared-usage.ts';
import { usageCsvLines, usageJson } from '../../exchange/usage/usage-files.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { localDay } from '../shared/days/local-days.ts';

import type { Desk } from './desk.ts';
import { ownSpans } from './home-usage.ts';
import { joinedInTurns } from './joined.ts';
import { minutesAt, rowsOf } from './rows.ts';
import { checkedDates, daysOf, edgeOf } from './show-usage.ts';

const MOST_DAYS = 400;
const MEDIA = { csv: 'text/csv; charset=utf-8', espi: 'application/atom+xml', json: 'application/json' } as const;

/** Intervals as a file. The same readings are the same bytes. @throws ERR_PREMISES_UNKNOWN, ERR_DATES_REFUSED */
export async function downloadUsage(desk: Desk, { caller, path, query }: Call<'downloadUsage'>): Promise<Answer> {
  const { form, from, until } = query;
  const own = await desk.premises.one(caller.person, path.usagePoint);
  const dates = checkedDates({ from, until }, MOST_DAYS);
  const { point } = own;
  // A file tells energy: what it cost, bills tell.
  const days = (await daysOf(desk, own, dates)).map((day) => ({ day, prices: undefined }));
  const rows = rowsOf({ point, resolution: 'interval', spans: ownSpans(own, dates, desk.clock.now()) }, days, edgeOf(own, dates));
  const { start: end } = localDay(until, point.zone);
  const of = { usagePoint: point.usagePoint, zone: point.zone, intervalMinutes: minutesAt(point, end) };
  const series = (['import', 'export'] as const).flatMap((direction) => seriesOf(of, direction, rows));
  const usage = { series, bills: [] };
  const base = `urn:joulekeep:usage:${point.usagePoint}`;
  const body =
    form === 'csv'
      ? await joinedInTurns(usageCsvLines(usage, { localTime: true }))
      : form === 'json'
        ? usageJson(usage)
        : await joinedInTurns(feedPieces(usage, { base, title: 'Energy usage', updatedAt: Math.min(desk.clock.now(), end * 1000) }));
  return { body, media: MEDIA[form] };
}

function seriesOf(
  of: Pick<SharedSeries, 'usagePoint' | 'zone' | 'intervalMinutes'>,
  direction: SharedSeries['direction'],
  rows: readonly UsageRow[],
): readonly SharedSeries[] {
  const energyOf = (row: UsageRow) => (direction === 'import' ? row.importWh : row.exportWh);
  if (direction === 'export' && rows.every((row) => row.exportWh === null)) return [];
  const shared = rows.map((row): SharedRow => {
    const { quality } = row;
    return { start: Date.parse(row.start) / 1000, end: Date.parse(row.end) / 1000, energyWh: energyOf(row), quality };
  });
  return [{ ...of, direction, unit: 'Wh', resolution: 'interval', rows: shared }];
}
