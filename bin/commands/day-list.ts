import { Command } from 'commander';
import { UTILITY } from '../../events/index.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { openDays } from '../../lambdas/shared/days/day-streams.ts';
import { type DaysOf, dayStreamsOf, meterDays } from '../../lambdas/shared/days/meter-days.ts';
import { pointOf } from '../../lambdas/shared/days/points.ts';
import { utcDate } from '../../lambdas/shared/days/utc-date.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { withState } from '../service/state.ts';
import { calendarDay, wholeNumber } from '../terminal/arguments.ts';
import { UsageError } from '../terminal/fail.ts';
import { whoLooks } from '../terminal/person.ts';
import { listedDay } from '../texts/listed-day.ts';

const DAY_MS = 86_400_000;

interface ListOptions {
  readonly state: string;
  /** UTC ms of the date. */
  readonly from: number;
  readonly days: number;
  readonly meter?: string;
  readonly point?: string;
  readonly as?: string;
  readonly json?: true;
}

/** `joulekeep day list`: days of a meter or a usage point, be they hot, archived, or not closed yet. */
export function dayListCommand(): Command {
  return new Command('list')
    .description(
      'days of a meter or a usage point with their energy and how much of it is estimated, wherever they lie: closed, archived, or so far',
    )
    .requiredOption('--state <dir>', 'state directory of the service, which must not run')
    .requiredOption('--from <day>', 'first local date, e.g. 2013-06-01', calendarDay)
    .requiredOption('--days <n>', 'number of days', wholeNumber(1, 4_000))
    .option('--meter <id>', 'days of this meter')
    .option('--point <id>', 'days of whatever meters hung at this usage point')
    .option('--as <name>', 'who looks, for the record; your user name when absent')
    .option('--json', 'one JSON object per day, with its slots')
    .action(listDays);
}

async function listDays({ state, from, days, meter, point, as, json }: ListOptions): Promise<void> {
  if ((meter === undefined) === (point === undefined)) throw new UsageError('either --meter or --point is expected');
  const of: DaysOf = meter === undefined ? { usagePoint: point! } : { meterId: meter };
  const window = { from: utcDate(from), until: utcDate(from + days * DAY_MS) };
  const person = whoLooks(as);
  let listed = 0;
  await withState(state, async (embedded) => {
    const platform = embedded.as('export');
    const access = await accessTo(platform, of, window, person);
    for await (const day of meterDays(platform, of, window, access)) {
      process.stdout.write(json ? `${JSON.stringify(day)}\n` : listedDay(day));
      listed++;
    }
  });
  if (listed === 0) throw new UsageError(`nothing is known of ${meter ?? point} from ${window.from} to ${window.until}`);
}

/** To whoever's the days are or were, and whoever's days come in: closed days by the rows that seal them, others by tenancy. */
async function accessTo(platform: Platform, of: DaysOf, window: { from: string; until: string }, person: string) {
  const streams = await dayStreamsOf(platform, of, window);
  if (!('meterId' in of)) {
    if (streams.length === 0) throw new UsageError(`no closed day of ${of.usagePoint} from ${window.from} to ${window.until}`);
    return await openDays(platform, 'export', streams, { person });
  }
  const [points] = await pointOf(platform, [of.meterId]);
  const rows = (await Promise.all(streams.map(({ stream }) => platform.events.rowsOf(stream)))).flat();
  const subjects = [
    UTILITY,
    ...rows.map((row) => row.split('/')[1]!),
    ...points!.flatMap(({ tenancy }) => tenancy.map((cut) => cut.subject)),
  ];
  const [from, until] = [Date.parse(window.from) - DAY_MS, Date.parse(window.until) + DAY_MS];
  return await openSubjectData(platform, { purpose: 'export', from, until, subjects, person });
}
