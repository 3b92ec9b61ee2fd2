import type { SimilarHomes } from '../../api/customer-usage.ts';
import { partitionStream } from '../../domain/demand/partition-stream.ts';
import type { SimilarHomesRow } from '../../domain/privacy/tables.ts';
import { addMonths } from '../../domain/tariff/dates.ts';
import { newestTables } from '../deidentify/make-tables.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { foldStream } from '../shared/streams.ts';
import type { Desk } from './desk.ts';
import { openOwn, ownSpans, usageOf } from './home-usage.ts';
import type { OwnPremises } from './premises.ts';
import { rowsOf } from './rows.ts';

/** Below it a comparison says more about gaps than about use. */
const KNOWN_PERCENT = 90;

/**
 * A month beside the mean home of the area, as the tables of similar homes have it: made of what the operator was told of areas of
 * homes alone, past the disclosure gate and its ledger, released once for everybody. Asking again, or from next door, tells nothing more.
 * @throws ERR_PREMISES_UNKNOWN
 */
export async function showSimilar(desk: Desk, { caller, path, query }: Call<'showSimilar'>): Promise<Answer> {
  const own = await desk.premises.one(caller.person, path.usagePoint);
  const { month } = query;
  const row = own.point.meterClass === 'residential' ? await releasedRow(desk, own.point.areaLeaf, month) : undefined;
  const body: SimilarHomes = {
    ...{ usagePoint: own.point.usagePoint, month },
    ownWh: await netOf(desk, own, month),
    similar: row === undefined ? null : { meanWh: row.meanKWh * 1_000, homes: '100+' },
  };
  return { body };
}

/** The area's row in the newest tables; undefined where the area or the month is not among what was released. */
async function releasedRow(desk: Desk, leaf: string, month: string): Promise<SimilarHomesRow | undefined> {
  const tables = await newestTables(desk);
  if (tables === undefined) return undefined;
  const { state } = await foldStream(desk.events, 'area/partition', partitionStream);
  const areas = state.quarters.find(({ quarter }) => quarter === tables.quarter)?.areas ?? [];
  const area = areas.find(({ leaves }) => leaves.includes(leaf))?.area;
  return tables.similarHomes.find((row) => row.area === area && row.month === month);
}

/** What was taken less what was fed in, as the table tells it; null unless nearly all of the month is known and the customer's. */
async function netOf(desk: Desk, own: OwnPremises, month: string): Promise<number | null> {
  const from = `${month}-01`;
  const dates = { from, until: addMonths(from, 1) };
  const access = await openOwn(desk, own, dates);
  if (access === undefined) return null;
  const days = (await usageOf(desk, own, dates, access)).map((day) => ({ day, prices: undefined }));
  const end = Date.parse(`${dates.until}T00:00:00Z`);
  const rows = rowsOf({ point: own.point, resolution: 'month', spans: ownSpans(own, dates, desk.clock.now()) }, days, end);
  const seconds = rows.reduce((sum, row) => sum + known(row), 0);
  const whole = (end - Date.parse(`${from}T00:00:00Z`)) / 1000;
  if (seconds * 100 < whole * KNOWN_PERCENT) return null;
  return rows.reduce((sum, { importWh, exportWh }) => sum + (importWh ?? 0) - (exportWh ?? 0), 0);
}

/** Seconds of a row of which there is a value. */
function known({ start, end, quality: { measured, estimated, edited, missing } }: ReturnType<typeof rowsOf>[number]): number {
  const there = measured + estimated + edited;
  const share = there + missing === 0 ? 0 : there / (there + missing);
  return (share * (Date.parse(end) - Date.parse(start))) / 1000;
}
