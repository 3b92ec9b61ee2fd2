import type { MeterView } from '../../api/console.ts';
import { meter } from '../../domain/enrolment/meter.ts';
import type { KnownMeter } from '../../domain/enrolment/meter-state.ts';
import { type ChannelOutcome, JoulekeepError, UTILITY } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { instant } from '../http/instants.ts';
import { DAY_SUMMARIES, type DaySummary, daysBetween } from '../project/day-summaries.ts';
import { openSubjectData } from '../shared/access/subject-data.ts';
import { dayName, localDayAt, plusDays } from '../shared/days/local-days.ts';
import { type MeterPoint, pointOf } from '../shared/days/points.ts';
import { foldStream } from '../shared/streams.ts';

const DAYS = 60;
const DAY_MS = 86_400_000;

/** A meter, where it is and how its days stand. Whose days are looked at is on record. @throws ERR_METER_UNKNOWN */
export async function showMeter(platform: Platform, { caller, path }: Call<'showMeter'>): Promise<Answer> {
  const { meterId } = path;
  const [{ state }, [points = []]] = await Promise.all([
    foldStream(platform.events, `meter/${meterId}`, meter),
    pointOf(platform, [meterId]),
  ]);
  if (state.status === 'unknown') throw new JoulekeepError('ERR_METER_UNKNOWN', 'no such meter');
  const days = points.length === 0 ? [] : await daysOfMeter(platform, caller.person, meterId, points);
  return { body: { ...meterBody(state, points.at(-1)), days: days.map(dayBody) } satisfies MeterView };
}

function meterBody(state: KnownMeter, point: MeterPoint | undefined): Omit<MeterView, 'days'> {
  const { meterId, status, asset, segment, relays, ladder } = state;
  const epoch = ladder.live.findLast(({ phase }) => phase === 'active');
  return {
    ...{ meterId, status, usagePoint: point?.usagePoint ?? null },
    zone: point?.zone ?? asset.zone,
    area: point?.areaLeaf ?? asset.areaLeaf,
    meterClass: point?.meterClass ?? asset.meterClass ?? 'residential',
    intervalMinutes: asset.intervalMinutes,
    segment: segment ?? null,
    concentrators: relays.flatMap(({ dcId, until }) => (until === undefined ? [dcId] : [])),
    epoch: epoch?.phase === 'active' ? { epoch: epoch.epoch, since: instant(epoch.activatedAt) } : null,
    quarantine: state.status === 'quarantined' ? { reason: state.reason, since: instant(state.since) } : null,
  };
}

/** Newest first. */
async function daysOfMeter(
  platform: Platform,
  person: string,
  meterId: string,
  points: readonly MeterPoint[],
): Promise<readonly DaySummary[]> {
  const now = platform.clock.now();
  const until = now + DAY_MS;
  const from = now - (DAYS + 1) * DAY_MS;
  const subjects = [UTILITY, ...points.flatMap(({ tenancy }) => tenantsSince(tenancy, from))];
  const access = await openSubjectData(platform, { purpose: 'editing', person, from, until, subjects });
  const found: DaySummary[] = [];
  for (const { usagePoint, zone } of points) {
    const today = localDayAt(Math.floor(now / 1000), zone).day;
    const window = { from: plusDays(today, 1 - DAYS), until: plusDays(today, 1) };
    found.push(...(await daysBetween(platform.models.table(DAY_SUMMARIES), usagePoint, window, access)));
  }
  return found.filter((day) => day.meterId === meterId).sort((a, b) => (dayName(a.day, a.part) < dayName(b.day, b.part) ? 1 : -1));
}

/** Whose it was at any time since. @param since UTC ms */
function tenantsSince(tenancy: MeterPoint['tenancy'], since: number): string[] {
  return tenancy.flatMap(({ subject }, i) => ((tenancy[i + 1]?.from ?? Number.POSITIVE_INFINITY) > since ? [subject] : []));
}

function dayBody(summary: DaySummary): MeterView['days'][number] {
  const { day, part, state, outcome, waits = false } = summary;
  const total = outcome.channels.find(({ direction, unit }) => direction === 'import' && unit === 'Wh');
  const sum = (of: (channel: ChannelOutcome) => number) => outcome.channels.reduce((all, channel) => all + of(channel), 0);
  return {
    ...{ day: dayName(day, part), state, held: outcome.held, waits, importWh: total?.energyWh ?? null },
    estimated: sum(({ estimated }) => estimated),
    edited: sum(({ edited }) => edited),
    missing: sum(({ missing }) => missing),
  };
}
