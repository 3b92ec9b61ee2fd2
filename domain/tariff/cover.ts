import { addDays } from './dates.ts';
import type { TariffFault } from './fault.ts';
import { applies, type LocalDay, localDayOf } from './local-time.ts';
import type { BandRule, TariffCalendar } from './tariff.ts';

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
/** A leap year, so that 29 February is looked at as well. */
const YEAR = '2012-';

/** Every kind of local time must meet a rule, and every rule some local time that no rule before it took. */
export function coverFaults(rules: readonly BandRule[], calendar: TariffCalendar, path: string): readonly TariffFault[] {
  const minutes = minuteBreaks(rules);
  const met = new Set<number>();
  for (const day of kindsOfDays(calendar, rules)) {
    for (const minute of minutes) {
      const rule = rules.findIndex(({ when }) => applies(when, day, minute));
      if (rule === -1) return [gap(day, minute, path)];
      met.add(rule);
    }
  }
  return rules.flatMap((_, i) => (met.has(i) ? [] : [unreachable(`${path}[${i}]`)]));
}

function gap(day: LocalDay, minute: number, path: string): TariffFault {
  const time = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  const kind = day.holiday ? 'a holiday' : WEEKDAYS[day.weekday - 1];
  const season = day.seasons.size === 0 ? '' : ` in ${[...day.seasons].join(', ')}`;
  return { path, what: `no rule holds at ${time} on ${kind}${season}`, remedy: 'add a rule for it, or a last rule without "when"' };
}

function unreachable(path: string): TariffFault {
  return { path, what: 'never applies: the rules before it take all of its time', remedy: 'move it up, or remove it' };
}

/** Minutes at which the answer may change. */
function minuteBreaks(rules: readonly BandRule[]): readonly number[] {
  const breaks = rules.flatMap(({ when: { from = 0, until = 0 } }) => [from % 1440, until % 1440]);
  return [...new Set([0, ...breaks])].sort((a, b) => a - b);
}

/** One day of every kind that rules can tell apart: seasons, weekdays, holidays. */
function kindsOfDays(calendar: TariffCalendar, rules: readonly BandRule[]): readonly LocalDay[] {
  const begins = calendar.seasons.flatMap(({ from, until }) => [from, addDays(YEAR + until, 1).slice(5)]);
  const holidays = rules.some(({ when }) => when.holidays !== undefined) ? [false, true] : [false];
  return [...new Set(['01-01', ...begins])].flatMap((monthDay) => {
    const { seasons } = localDayOf(YEAR + monthDay, calendar);
    return WEEKDAYS.flatMap((_, i) => holidays.map((holiday) => ({ date: YEAR + monthDay, weekday: i + 1, holiday, seasons })));
  });
}
