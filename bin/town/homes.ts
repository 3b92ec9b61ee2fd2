import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StockMeter } from '../../devices/fleet/protocol.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { openPoints, type PointEntry } from '../../lambdas/register/open-points.ts';
import { localDayAt } from '../../lambdas/shared/days/local-days.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { counted } from '../texts/counted.ts';

const TARIFFS = join(import.meta.dirname, '..', '..', 'tariffs');
/** Homes of a town take these in turn. */
const TOWN_TARIFFS = ['day-night', 'london-flat'] as const;

/** Gives every home of a town a usage point, an account and a tariff, and every head of a feeder a usage point; a spare meter gets none. Again for the same: nothing new. */
export async function registerHomes(
  platform: { as(principal: 'billing' | 'enrol'): Platform },
  meters: readonly StockMeter[],
  start: number,
): Promise<void> {
  for (const name of TOWN_TARIFFS) {
    const file = join(TARIFFS, `${name}.json`);
    await publishTariff(platform.as('billing'), { file, text: await readFile(file, 'utf8') }, new Map());
  }
  const { refused } = await openPoints(
    platform.as('enrol'),
    meters.flatMap((meter, i) => (meter.spare ? [] : [meter.asset.meterClass === 'grid' ? headOf(meter, start) : homeOf(meter, i, start)])),
  );
  if (refused.length > 0)
    throw new Error(
      `${counted(refused.length, 'home')} could not be registered, the first (${refused[0]!.usagePoint}) because of ${refused[0]!.code}`,
    );
}

/** The head of a feeder: the utility's own, with no customer and no bill. @param start UTC ms of the first interval */
function headOf({ meterId, asset }: StockMeter, start: number): PointEntry {
  const { zone, areaLeaf } = asset;
  const name = `feeder-${areaLeaf}`;
  return { usagePoint: name, premises: name, zone, areaLeaf, meterClass: 'grid', meter: { meterId, from: start, asset } };
}

/** Every sixteenth home stands empty: its days are the utility's own. @param start UTC ms of the first interval */
function homeOf({ meterId, asset }: StockMeter, index: number, start: number): PointEntry {
  const { zone, areaLeaf } = asset;
  const number = String(index + 1).padStart(5, '0');
  const vacant = index % 16 === 15;
  return {
    usagePoint: `up-${number}`,
    premises: `home-${number}`,
    zone,
    areaLeaf,
    meterClass: 'residential',
    meter: { meterId, from: start, asset },
    ...(vacant ? {} : { tenant: { accountId: `account-${number}`, from: start } }),
    // From the first of the month, so that the month can be billed as a whole.
    tariff: { tariff: TOWN_TARIFFS[index % TOWN_TARIFFS.length]!, from: `${localDayAt(start / 1000, zone).day.slice(0, 8)}01` },
  };
}
