import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { dayOfInstant, daysText, dayText, instantText, shortDayText, weekdayText } from '../../web/console/dates.ts';
import { takeLanguages } from '../../web/shared/i18n.ts';

const CONSOLE = join(import.meta.dirname, '..', '..', 'web', 'console');
const [ONE_PLACE, AUDIT_DAY] = ['dates.ts', join('audit', 'audit-page.tsx')];

/** Spaces that do not break are spaces. */
const plain = (text: string) => text.replaceAll(/\s/g, ' ');

describe('dates and times at the console', () => {
  beforeEach(() => takeLanguages(['en-GB'], null));

  it('have one form: day, month as a word, year, and the time behind it', () => {
    expect(plain(instantText('2026-11-26T13:45:00.000Z', 'UTC'))).toBe('26 Nov 2026, 13:45');
    expect(plain(dayText('2026-11-26'))).toBe('26 Nov 2026');
    expect(plain(weekdayText('2026-11-26'))).toBe('Thursday, 26 Nov 2026');
    expect(plain(shortDayText('2026-11-26'))).toBe('26 Nov');
  });

  it('are those of the place that the page names, also the day of an instant', () => {
    const lateAtNight = '2026-11-26T23:30:00.000Z';
    expect(plain(instantText(lateAtNight, 'Europe/Berlin'))).toBe('27 Nov 2026, 00:30');
    expect([dayOfInstant(lateAtNight, 'Europe/Berlin'), dayOfInstant(lateAtNight, 'UTC')].map(plain)).toEqual([
      '27 Nov 2026',
      '26 Nov 2026',
    ]);
  });

  it('keep the part of a day that a tenancy divides', () => {
    expect(plain(dayText('2026-11-26.2'))).toBe('26 Nov 2026, part 2');
    expect(plain(shortDayText('2026-11-26.2'))).toBe('26 Nov');
  });

  it('say days that follow each other by the first and the last, and one alone by itself', () => {
    expect(plain(daysText('2026-11-26', '2026-12-02'))).toMatch(/^26 Nov . 2 Dec 2026$/);
    expect(daysText('2026-11-26', '2026-11-26')).toBe(dayText('2026-11-26'));
  });

  it('are formatted in one place: no page does so itself', () => {
    const files = readdirSync(CONSOLE, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name) && name !== ONE_PLACE);
    expect(files.length).toBeGreaterThan(50);
    expect(files.filter((name) => formatsItself(name, readFileSync(join(CONSOLE, name), 'utf8')))).toEqual([]);
  });
});

const FORMS = /\b(date|dateTime|localDate|shortDate|dateRange|spanDates|weekday|month)\b/;

/** Takes a date to pieces, or a form of dates from what both applications share. The date of today, as a field has it, is no text. */
function formatsItself(name: string, source: string): boolean {
  const taken = source.match(/import \{([^}]*)\} from '[./]*shared\/format\.ts'/)?.[1] ?? '';
  const cuts = source.match(/\.toLocale\w*String|Intl\.DateTimeFormat|toISOString\(\)/g) ?? [];
  return FORMS.test(taken) || cuts.length > (name === AUDIT_DAY ? 1 : 0) || /\w+(At|Until|Since|since|until)\.slice\(/.test(source);
}
