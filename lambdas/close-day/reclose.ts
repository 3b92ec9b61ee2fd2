import type { Platform } from '../../platform/ports/platform.ts';
import { pointOf } from '../shared/days/points.ts';
import { type DayToReclose, reclosesDue, settleReclose } from '../shared/days/reclose-agenda.ts';
import type { Closer, MeterDayJob } from './closer.ts';
import type { Tally } from './tally.ts';

/** Days that are closed with one flush to stable storage. */
const GROUP = 512;
/** Nothing new was read for these days. */
const NOTHING_READ = { segment: '', version: -1 };

/** Closes days again that a corrected tenancy divided: what they said as a whole counts no more. */
export async function recloseDays(platform: Platform, closer: Closer, tally: Tally): Promise<void> {
  const due = await reclosesDue(platform);
  for (let from = 0; from < due.length; from += GROUP) {
    const group = due.slice(from, from + GROUP);
    await closer.close(await jobsOf(platform, group), { through: NOTHING_READ, seals: new Map(), tally });
    await settleReclose(platform, group);
  }
}

async function jobsOf(platform: Platform, days: readonly DayToReclose[]): Promise<MeterDayJob[]> {
  const points = await pointOf(
    platform,
    days.map(({ meterId }) => meterId),
  );
  return days.flatMap(({ meterId, day }, i) => {
    const asset = points[i]!.at(-1)?.installed.at(-1)?.asset;
    if (asset === undefined) return [];
    const member = { meterId, asset, since: 0, lastEnd: 0, estimatedDays: 0, silent: false };
    return [{ number: 0, member, day, due: false, bucket: undefined, final: false }];
  });
}
