import { balanceOf, isJudged } from '../../domain/demand/balance.ts';
import { partitionStream } from '../../domain/demand/partition-stream.ts';
import type { DoubtCause } from '../../events/index.ts';
import { toldSince } from '../../lambdas/console-api/told-since.ts';
import { AreaReader } from '../../lambdas/ems/area-demand.ts';
import { readRosters } from '../../lambdas/project/area-roster.ts';
import { AREA_SUMS } from '../../lambdas/project/area-sums.ts';
import { AREA_STREAMS, PARTITION } from '../../lambdas/shared/feeds/operator-feed.ts';
import { foldStream } from '../../lambdas/shared/streams.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { counted } from '../texts/counted.ts';

/** A feeder over a while: what its head measured and what its homes say, Wh net of what they feed in; and of how many intervals that adds up. */
interface FeederAccount {
  readonly leaf: string;
  readonly headWh: number;
  readonly homesWh: number;
  readonly holds: number;
  readonly contradicted: number;
  /** Homes were missing: nothing is said of these. */
  readonly untold: number;
}

interface Window {
  /** UTC s. */
  readonly from: number;
  readonly until: number;
  readonly intervalMinutes: number;
}

/** What the utility itself sees of its feeders: the head of each beside the homes behind it. Sums alone; nobody's home is in it. */
export async function writeFeederView(platform: Platform, window: Window, say: (line: string) => void): Promise<void> {
  const { models } = platform;
  const rosters = await readRosters(models.table(AREA_SUMS));
  const reader = new AreaReader(models, rosters);
  const accounts: FeederAccount[] = [];
  for (const leaf of rosters.leaves) accounts.push(await accountOf(reader, leaf, window));
  const known = accounts.filter(({ headWh }) => headWh !== 0);
  if (known.length === 0) return;
  say('');
  say('Feeders, as the meters at their heads and the homes behind them have it');
  for (const account of known) say(`  ${lineOf(account)}`);
  const areas = await doubted(platform, window);
  if (areas !== undefined) for (const line of doubtLines(areas)) say(`  ${line}`);
}

/** Intervals that were doubted when the operator was told of them, by area of the quarter. */
interface DoubtedArea {
  readonly leaves: readonly string[];
  readonly intervals: number;
  readonly causes: readonly DoubtCause[];
}

/**
 * As the console's page of feeders counts them: a doubt that went out stays, whatever came of the interval since, and the forecast may doubt too.
 * @returns undefined where the operator is told nothing
 */
async function doubted(platform: Platform, { from, until }: Window): Promise<readonly DoubtedArea[] | undefined> {
  const { quarters } = (await foldStream(platform.events, `${AREA_STREAMS}${PARTITION}`, partitionStream)).state;
  const areas = quarters.findLast(({ whole }) => whole)?.areas ?? [];
  if (areas.length === 0) return undefined;
  const found: DoubtedArea[] = [];
  for (const { area, leaves } of areas) {
    const flows = (await toldSince(platform, area, from)).filter(({ end, causes }) => end <= until && causes.length > 0);
    if (flows.length > 0)
      found.push({ leaves, intervals: flows.length, causes: [...new Set(flows.flatMap(({ causes }) => causes))].sort() });
  }
  return found;
}

const CAUSES: Readonly<Record<DoubtCause, string>> = {
  'outside-forecast-band': 'far outside what was forecast',
  'more-than-the-feeder': 'homes reported more than passed the head',
  'less-than-the-feeder': 'more passed the head than homes reported',
};

function doubtLines(areas: readonly DoubtedArea[]): readonly string[] {
  if (areas.length === 0) return ['no interval was doubted when the operator was told of it'];
  return areas.map(({ leaves, intervals, causes }) => {
    const why = causes.map((cause) => CAUSES[cause]).join('; ');
    return `${leaves.join(', ')}: of intervals ${counted(intervals, 'was', 'were')} doubted when the operator was told of them (${why})`;
  });
}

async function accountOf(reader: AreaReader, leaf: string, { from, until, intervalMinutes }: Window): Promise<FeederAccount> {
  const total = { headWh: 0, homesWh: 0, holds: 0, contradicted: 0, untold: 0 };
  for (let end = from + intervalMinutes * 60; end <= until; end += intervalMinutes * 60) {
    const interval = await reader.feeder(leaf, intervalMinutes, end);
    if (interval === undefined) continue;
    total.headWh += interval.headImportWh - interval.headExportWh;
    total.homesWh += interval.homesImportWh - interval.homesExportWh;
    if (!isJudged(interval)) total.untold++;
    else if (balanceOf(interval).cause === undefined) total.holds++;
    else total.contradicted++;
  }
  return { leaf, ...total };
}

function lineOf({ leaf, headWh, homesWh, holds, contradicted, untold }: FeederAccount): string {
  const number = (value: number) => value.toLocaleString('en');
  const lost = `${(((headWh - homesWh) / headWh) * 100).toFixed(1)} %`;
  const flows = `${number(headWh)} Wh at the head, ${number(homesWh)} Wh at homes, ${lost} between`;
  return `${leaf.padEnd(20)} ${flows}; of intervals as they stand now ${counted(holds, 'adds', 'add')} up, ${counted(contradicted, 'does', 'do')} not, ${counted(untold, 'lacks', 'lack')} homes`;
}
