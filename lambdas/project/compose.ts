import { quarterAt } from '../../domain/demand/quarter.ts';
import type { DisclosureGate } from '../../domain/privacy/gate.ts';
import { subjectAt } from '../../domain/usagepoint/tenancy.ts';
import { type AssetRecord, UTILITY } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { openSubjectData } from '../shared/access/subject-data.ts';
import { type MeterPoint, pointKey } from '../shared/days/points.ts';
import { utcDate } from '../shared/days/utc-date.ts';
import { tellsExport } from './area-roster.ts';
import { COMPOSITIONS, composeLeaves, isComposed, keepCompositions, type Place } from './compositions.ts';
import { DAY_SUMMARIES, type DaySummary, daysBetween } from './day-summaries.ts';

const DAY_MS = 86_400_000;
const YEAR_DAYS = 365;
const HOURS = YEAR_DAYS * 24;
/** Usage points whose access is asked for at once. */
const AT_ONCE = 500;
/** Of a home of which no day is known yet. */
const EXPECTED_HOME_WH = 3_500_000;

interface InUse {
  readonly point: MeterPoint;
  readonly asset: AssetRecord;
  /** Account id or UTILITY. */
  readonly subject: string;
}

/**
 * Says once a quarter how each leaf is made up, on 12 months of every customer: dominance is judged here and by whoever may open
 * the days; the aggregator reads what comes out. @returns whether the quarter is composed
 */
export async function composeQuarter(platform: Platform, gate: DisclosureGate): Promise<boolean> {
  const now = platform.clock.now();
  const table = platform.models.table(COMPOSITIONS);
  if (await isComposed(table, quarterAt(now))) return true;
  const places: Place[] = [];
  let batch: InUse[] = [];
  for await (const { value } of platform.directory.list(pointKey(''))) {
    batch.push(...inUse(JSON.parse(value.toString()) as MeterPoint[], now));
    if (batch.length < AT_ONCE) continue;
    places.push(...(await placesOf(platform, batch, now)));
    batch = [];
  }
  places.push(...(await placesOf(platform, batch, now)));
  return await keepCompositions(table, now, composeLeaves(places), gate);
}

/** Where a meter is now; feeders' heads are nobody's. */
function inUse(points: readonly MeterPoint[], now: number): InUse[] {
  return points.flatMap((point) => {
    const installed = point.installed.find(({ from, until }) => from <= now && (until === undefined || now < until));
    if (installed === undefined || point.meterClass === 'grid') return [];
    return [{ point, asset: installed.asset, subject: subjectAt(point.tenancy, now) }];
  });
}

async function placesOf(platform: Platform, batch: readonly InUse[], now: number): Promise<readonly Place[]> {
  const from = now - YEAR_DAYS * DAY_MS;
  const subjects = new Set(batch.flatMap(({ point }) => [UTILITY, ...point.tenancy.map((cut) => cut.subject)]));
  if (subjects.size === 0) return [];
  const access = await openSubjectData(platform, { purpose: 'projection', from: from - DAY_MS, until: now + DAY_MS, subjects });
  const window = { from: utcDate(from), until: utcDate(now) };
  return await Promise.all(
    batch.map(async ({ point, asset, subject }) => {
      const { areaLeaf: leaf } = asset;
      if (subject === UTILITY) return { leaf, customer: undefined, tellsExport: tellsExport(asset) };
      const kind = point.meterClass === 'residential' ? 'residential' : 'commercial';
      const year = await yearOf(platform, point, asset, window, access);
      return { leaf, customer: { subject, class: kind, ...year }, tellsExport: tellsExport(asset) };
    }),
  );
}

/** 12 months at the usage point, whoever lived there; what is not known yet is filled up with more of the same. Who has no day yet has fed in nothing that hides others. */
async function yearOf(
  platform: Platform,
  { usagePoint, meterClass }: MeterPoint,
  { fuseW }: AssetRecord,
  window: { readonly from: string; readonly until: string },
  access: SubjectAccess,
): Promise<{ readonly annualWh: number; readonly exportWh?: number }> {
  const days = await daysBetween(platform.models.table(DAY_SUMMARIES), usagePoint, window, access);
  const dates = new Set(days.map(({ day }) => day)).size;
  if (dates > 0) {
    const year = (energyOf: (day: DaySummary) => number) =>
      Math.round((days.reduce((sum, day) => sum + energyOf(day), 0) * YEAR_DAYS) / dates);
    const exportWh = year((day) => mostOf(day, 'export'));
    return { annualWh: year((day) => mostOf(day, 'import')) + exportWh, exportWh };
  }
  // Of anybody else the most that can be: who might dominate an area is taken to do so until days say otherwise.
  return { annualWh: meterClass === 'residential' ? EXPECTED_HOME_WH : fuseW * HOURS };
}

/** Of a day. Tariff registers are parts of the total. */
function mostOf({ outcome }: DaySummary, direction: 'import' | 'export'): number {
  return Math.max(0, ...outcome.channels.filter((one) => one.direction === direction && one.unit === 'Wh').map(({ energyWh }) => energyWh));
}
