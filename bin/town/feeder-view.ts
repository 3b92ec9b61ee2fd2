import { balanceOf, isJudged } from '../../domain/demand/balance.ts';
import { AreaReader } from '../../lambdas/ems/area-demand.ts';
import { readRosters } from '../../lambdas/project/area-roster.ts';
import { AREA_SUMS } from '../../lambdas/project/area-sums.ts';
import type { Platform } from '../../platform/ports/platform.ts';

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
}

async function accountOf(reader: AreaReader, leaf: string, { from, until, intervalMinutes }: Window): Promise<FeederAccount> {
  const total = { headWh: 0, homesWh: 0, holds: 0, contradicted: 0, untold: 0 };
  const area = { area: leaf, leaves: [leaf], intervalMinutes, slotsPerHome: 1 };
  for (let end = from + intervalMinutes * 60; end <= until; end += intervalMinutes * 60) {
    const head = await reader.feeder(leaf, intervalMinutes, end);
    if (head === undefined) continue;
    const { importWh, exportWh, counts } = await reader.demand(area, end);
    const { expected, measured } = counts;
    const flows = { headImportWh: head.importWh, headExportWh: head.exportWh, homesImportWh: importWh, homesExportWh: exportWh };
    const interval = { ...flows, expected, measured };
    total.headWh += head.importWh - head.exportWh;
    total.homesWh += importWh - exportWh;
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
  return `${leaf.padEnd(20)} ${flows}; of intervals ${holds} add up, ${contradicted} do not, ${untold} lack homes`;
}
