import type { TariffAssignment } from '../../domain/billing/billing-input.ts';
import type { PeriodDates } from '../../domain/billing/period-calendar.ts';
import { laterOf } from '../../domain/tariff/dates.ts';
import { type BillStatement, JoulekeepError } from '../../events/index.ts';
import { chargedDaysOf, type Span } from './places.ts';
import type { BilledPoint, BillingSources } from './sources.ts';

/** A date that the account is charged for, and what charges it. */
interface ChargedDay {
  readonly day: string;
  readonly by: TariffAssignment;
}

/** By which a period is charged. A bill of nothing keeps what it stood on: what holds by now is others'. @throws as `chargedTariffs` */
export async function tariffsOf(
  sources: BillingSources,
  point: BilledPoint,
  spans: readonly Span[],
  { from, until, repriced = false }: PeriodDates & { readonly repriced?: boolean },
  billed: BillStatement | undefined,
): Promise<readonly TariffAssignment[]> {
  const period = { from, until };
  const charged = chargedDaysOf(spans, period, point.zone);
  if (charged.length === 0 && billed !== undefined) return keptTariffs(sources, billed);
  if (charged.length === 0) return [await versionOn(sources, point, from)].filter((one) => one !== undefined);
  if (billed === undefined || repriced) return chargedTariffs(sources, point, charged, undefined);
  const days = new Set(billed.spans === undefined ? charged : chargedDaysOf(billed.spans, period, point.zone));
  return chargedTariffs(sources, point, charged, { statement: billed, days });
}

/**
 * What the account's days of a period are charged by, by date; days that a bill has charged already stay at its versions. A tariff that holds
 * on others' days alone is not among them: its prices are theirs, and so is what it does with a credit.
 * @param charged local dates, rising; some at least
 * @throws ERR_TARIFF_MISSING where a tariff has no version on a day, ERR_TARIFF_UNKNOWN
 */
export async function chargedTariffs(
  sources: BillingSources,
  point: BilledPoint,
  charged: readonly string[],
  billed: { readonly statement: BillStatement; readonly days: ReadonlySet<string> } | undefined,
): Promise<readonly TariffAssignment[]> {
  const kept = billed === undefined ? [] : await keptTariffs(sources, billed.statement);
  const days: ChargedDay[] = [];
  for (const day of charged) {
    const by = billed?.days.has(day) ? kept.findLast(({ from }) => from <= day) : await versionOn(sources, point, day);
    if (by !== undefined) days.push({ day, by });
  }
  return inPieces(days);
}

/** Those a bill stands on. @throws ERR_TARIFF_UNKNOWN */
async function keptTariffs(sources: BillingSources, { tariffs }: BillStatement): Promise<readonly TariffAssignment[]> {
  return Promise.all(tariffs.map((one) => versionOf(sources, one)));
}

/** The version in force; undefined where the usage point has no tariff on that day. */
async function versionOn(sources: BillingSources, point: BilledPoint, day: string): Promise<TariffAssignment | undefined> {
  const assigned = point.tariffs.findLast(({ from }) => from <= day);
  if (assigned === undefined) return undefined;
  const { tariff, from: since } = assigned;
  const version = (await sources.tariff(tariff)).findLast(({ from }) => from <= day);
  if (version === undefined) throw new JoulekeepError('ERR_TARIFF_MISSING', `tariff ${tariff} has no version that holds on ${day}`);
  return { ...version, from: laterOf(since, version.from) };
}

/** One that goes on is one, whatever lies between: its tiers do not begin again. */
function inPieces(days: readonly ChargedDay[]): readonly TariffAssignment[] {
  const pieces: TariffAssignment[] = [];
  for (const [i, { day, by }] of days.entries()) {
    const last = pieces.at(-1);
    if (last?.tariff.id === by.tariff.id && last.version === by.version) continue;
    const behind = days[i - 1];
    pieces.push(behind !== undefined && by.from <= behind.day ? { ...by, from: day } : by);
  }
  return pieces;
}

async function versionOf(sources: BillingSources, { tariff, version, from }: BillStatement['tariffs'][number]): Promise<TariffAssignment> {
  const found = (await sources.tariff(tariff)).find((one) => one.version === version);
  if (found === undefined) throw new JoulekeepError('ERR_TARIFF_UNKNOWN', `tariff ${tariff} has no version ${version}`);
  return { ...found, from };
}
