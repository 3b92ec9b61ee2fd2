import type { FeedersView } from '../../api/feeders.ts';
import { BALANCE_LIMITS } from '../../domain/demand/balance.ts';
import { partitionStream } from '../../domain/demand/partition-stream.ts';
import { accountOf, lastingDoubt, type ToldFlow } from '../../domain/demand/told-flows.ts';
import type { PublishedArea } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { AREA_ZONE } from '../../topology/forecasting.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { openCursor, sealCursor } from '../http/cursor.ts';
import { instant } from '../http/instants.ts';
import { type LocalDay, localDay, localDayAt, plusDays } from '../shared/days/local-days.ts';
import { AREA_STREAMS, PARTITION } from '../shared/feeds/operator-feed.ts';
import { foldStream } from '../shared/streams.ts';
import type { ConsoleDesk } from './desk.ts';
import { headsOf } from './feeder-heads.ts';
import { toldSince } from './told-since.ts';

type AreaRow = FeedersView['areas'][number];

const PAGE = 20;
const DAYS = 7;
const LIST = 'feeders';
const { lossPerMille, errorPerMille } = BALANCE_LIMITS;

/**
 * Heads of feeders beside the homes behind them. Of homes it says what the grid operator was told, area by area, so that nothing can be had
 * from it that did not pass the disclosure gate; heads are added up over the same areas, for a head is the sum of its homes too.
 * @throws ERR_CURSOR_REFUSED @source X.1332 8 (invalid metering misleads demand decisions), 10.4
 */
export async function showFeeders(desk: ConsoleDesk, { caller, query }: Call<'showFeeders'>): Promise<Answer> {
  const after = query.cursor === undefined ? '' : (await openCursor<{ area: string }>(desk.kms, caller.person, LIST, query.cursor)).area;
  const newest = await newestPartition(desk);
  const behind = (newest?.areas ?? []).filter(({ area }) => area > after).sort((a, b) => (a.area < b.area ? -1 : 1));
  const page = behind.slice(0, PAGE);
  const now = desk.clock.now();
  const days = daysTo(now);
  const body: FeedersView = {
    ...{ asOf: instant(now), zone: AREA_ZONE, quarter: newest?.quarter ?? null },
    limits: { above: errorPerMille, below: lossPerMille + errorPerMille },
    areas: await Promise.all(page.map((area) => areaRow(desk, area, days))),
    withheld: [...(newest?.withheld ?? [])],
  };
  if (behind.length <= PAGE) return { body };
  return { body: { ...body, cursor: await sealCursor(desk.kms, caller.person, LIST, { area: page.at(-1)!.area }) } };
}

async function newestPartition({ events }: Platform) {
  const { quarters } = (await foldStream(events, `${AREA_STREAMS}${PARTITION}`, partitionStream)).state;
  return quarters.findLast(({ whole }) => whole);
}

async function areaRow(desk: ConsoleDesk, { area, leaves, intervalMinutes }: PublishedArea, days: readonly LocalDay[]): Promise<AreaRow> {
  const window = { from: days[0]!.start, until: days.at(-1)!.end };
  const [flows, heads] = await Promise.all([toldSince(desk, area, window.from), headsOf(desk, { leaves, intervalMinutes, ...window })]);
  return {
    ...{ area, feeders: [...leaves], withoutHead: [...heads.without], intervalMinutes },
    days: days.map(({ day, start, end }) => ({
      day,
      ...accountOf(
        flows.filter((flow) => flow.end > start && flow.end <= end),
        heads.at,
      ),
    })),
    doubt: doubtOf(flows, intervalMinutes),
  };
}

function doubtOf(flows: readonly ToldFlow[], intervalMinutes: number): AreaRow['doubt'] {
  const doubt = lastingDoubt(flows);
  if (doubt === undefined) return null;
  const { causes, first, last, intervals, goesOn, mayBeOlder } = doubt;
  const since = instant((first - intervalMinutes * 60) * 1000);
  return { causes: [...causes], since, until: instant(last * 1000), intervals, goesOn, mayBeOlder };
}

/** Local days up to today, oldest first. */
function daysTo(now: number): readonly LocalDay[] {
  const today = localDayAt(Math.floor(now / 1000), AREA_ZONE).day;
  return Array.from({ length: DAYS }, (_, i) => localDay(plusDays(today, i - DAYS + 1), AREA_ZONE));
}
