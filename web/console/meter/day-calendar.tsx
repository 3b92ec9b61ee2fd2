import type { MeterView } from '../../../api/console.ts';
import { count, energy } from '../../shared/format.ts';
import { hrefOf } from '../../shared/router.ts';
import { Table } from '../../shared/ui/table.tsx';
import { columnText, dayText, shortDayText } from '../dates.ts';
import { marksOf, weeksOf } from '../model/pages.ts';
import { t } from '../text.ts';

type Known = MeterView['days'][number];

/** Days in weeks, each with a letter for how it stands; the same as a table below. */
export function DayCalendar({ view, canSee }: { view: MeterView; canSee: boolean }) {
  if (view.days.length === 0) return <p>{t('meter.days.none')}</p>;
  const weeks = weeksOf(view.days.map(({ day }) => day.slice(0, 10)));
  const known = (date: string) => view.days.filter(({ day }) => day.slice(0, 10) === date).sort((a, b) => (a.day < b.day ? -1 : 1));
  return (
    <>
      <table class="calendar">
        <caption class="visually-hidden">{t('meter.days')}</caption>
        <thead>
          <tr>
            {weeks[0]?.map((date) => (
              <th key={date} scope="col">
                {columnText(date)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.toReversed().map((week) => (
            <tr key={week[0]}>
              {week.map((date) => (
                <td key={date}>
                  {known(date).map((day) => (
                    <DayCell key={day.day} view={view} day={day} canSee={canSee} />
                  ))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <details>
        <summary>{t('as-table')}</summary>
        <DaysTable view={view} canSee={canSee} />
      </details>
    </>
  );
}

interface DayCellProps {
  readonly view: MeterView;
  readonly day: Known;
  readonly canSee: boolean;
}

function DayCell({ view, day, canSee }: DayCellProps) {
  const { state, estimated, edited, missing } = day;
  const more = [...marksOf(day).map((mark) => t(`day.${mark}`)), ...counts({ estimated, edited, missing })];
  const title = t('meter.day.title', {
    day: dayText(day.day),
    state: t(`day.state.${state}`),
    more: more.map((each) => `, ${each}`).join(''),
  });
  const face = (
    <>
      <span>{shortDayText(day.day)}</span>
      <span class="small wide-only">{t(`day.state.${state}`)}</span>
      <span class="small wide-only">{faceOf(day)}</span>
      <span class="small narrow-only">{t(`day.state.short.${state}`)}</span>
      <span class="small narrow-only">{faceOf(day, 'short')}</span>
    </>
  );
  const look = ['day-cell', state, ...marksOf(day)].join(' ');
  if (!canSee) return <span class={look}>{face}</span>;
  return (
    <a class={look} href={hrefOf(['meter', view.meterId, day.day])} title={title}>
      {face}
    </a>
  );
}

/** What a person should see of a day at once. @param length `short`: for a seventh of a telephone */
function faceOf({ estimated, edited, missing, ...day }: Known, length: 'long' | 'short' = 'long'): string {
  const marks = marksOf(day).map((mark) =>
    mark === 'waits' ? t(length === 'long' ? 'day.waits.short' : 'day.waits.shorter') : t('day.held'),
  );
  return marks.length > 0 ? marks.join(', ') : (counts({ estimated, edited, missing }, length)[0] ?? '');
}

function counts(slots: Pick<Known, 'estimated' | 'edited' | 'missing'>, length: 'long' | 'short' = 'long'): readonly string[] {
  return (['missing', 'edited', 'estimated'] as const)
    .filter((what) => slots[what] > 0)
    .map((what) => `${count(slots[what])} ${t(length === 'long' ? `mark.${what}` : `mark.short.${what}`)}`);
}

function DaysTable({ view, canSee }: { view: MeterView; canSee: boolean }) {
  const heads = [t('meter.import'), t('meter.estimated'), t('meter.edited'), t('meter.missing')];
  return (
    <Table
      caption={t('meter.days')}
      captionHidden
      columns={[{ label: t('column.day') }, { label: t('column.status') }, ...heads.map((label) => ({ label, align: 'end' as const }))]}
      rows={view.days.map(({ day, state, held, waits, importWh, estimated, edited, missing }) => ({
        key: day,
        cells: [
          canSee ? (
            <a key="day" href={hrefOf(['meter', view.meterId, day])}>
              {dayText(day)}
            </a>
          ) : (
            dayText(day)
          ),
          [t(`day.state.${state}`), ...marksOf({ held, waits }).map((mark) => t(`day.${mark}`))].join(', '),
          importWh === null ? '–' : energy(importWh),
          count(estimated),
          count(edited),
          count(missing),
        ],
      }))}
    />
  );
}
