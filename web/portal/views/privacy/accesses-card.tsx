import { useState } from 'preact/hooks';
import type { AccessList } from '../../../../api/customer-account.ts';
import { count, dateRange, dateTime } from '../../../shared/format.ts';
import { useLoad } from '../../../shared/load.ts';
import { hrefOf } from '../../../shared/router.ts';
import { Button } from '../../../shared/ui/button.tsx';
import { Card } from '../../../shared/ui/card.tsx';
import { LoadedView } from '../../../shared/ui/loaded-view.tsx';
import { Table } from '../../../shared/ui/table.tsx';
import { addDays, localDay } from '../../parts/local-days.ts';
import type { ViewProps } from '../../view.ts';
import { type AccessGroup, grouped } from './accesses.ts';
import { purposeWords, t } from './messages.ts';

/** What one request may ask for, days. */
const SPAN_DAYS = 31;
const SHOWN = 20;

/** Who used the customer's key, by spans of a month. */
export function AccessesCard({ caller, point: { zone } }: ViewProps) {
  const tomorrow = addDays(localDay(Date.now(), zone), 1);
  const [until, setUntil] = useState(tomorrow);
  const from = addDays(until, -SPAN_DAYS);
  const accesses = useLoad(() => caller.request<AccessList>({ path: '/v1/me/accesses', query: { from, until } }), [caller, from, until]);
  return (
    <Card title={t('accesses')}>
      <p class="soft prose">
        {t('accessesIntro')} <a href={hrefOf(['sharing'])}>{t('toSharing')}</a>
      </p>
      <div class="row">
        <Button onClick={() => setUntil(from)}>{t('earlier')}</Button>
        <strong aria-live="polite">{dateRange(from, addDays(until, -1))}</strong>
        <Button disabled={until >= tomorrow} onClick={() => setUntil(addDays(until, SPAN_DAYS))}>
          {t('later')}
        </Button>
      </div>
      <LoadedView of={accesses}>{(list) => <Groups key={until} groups={grouped(list.accesses, zone)} zone={zone} />}</LoadedView>
    </Card>
  );
}

function Groups({ groups, zone }: { readonly groups: readonly AccessGroup[]; readonly zone: string }) {
  const [onlyPeople, setOnlyPeople] = useState(false);
  const [shown, show] = useState(SHOWN);
  if (groups.length === 0) return <p>{t('noAccesses')}</p>;
  const chosen = onlyPeople ? groups.filter(({ person }) => person !== null) : groups;
  const rest = chosen.length - shown;
  const columns = [{ label: t('at') }, { label: t('who') }, { label: t('why') }, { label: t('what') }];
  return (
    <>
      <label class="check">
        <input type="checkbox" checked={onlyPeople} onChange={() => setOnlyPeople(!onlyPeople)} />
        {t('people')}
      </label>
      {chosen.length === 0 ? (
        <p>{t('peopleNone')}</p>
      ) : (
        <Table
          caption={t('accessesCaption')}
          captionHidden
          columns={columns}
          rows={chosen.slice(0, shown).map((group) => ({ key: `${group.at} ${group.by} ${group.purpose}`, cells: cellsOf(group, zone) }))}
        />
      )}
      {rest > 0 && <Button onClick={() => show(shown + SHOWN)}>{t('more', { n: Math.min(rest, SHOWN) })}</Button>}
    </>
  );
}

function cellsOf({ at, by, person, purpose, times, from, until }: AccessGroup, zone: string) {
  const who = person === null ? t('automatic') : t('person', { name: person });
  // The span ends with its last moment, not with the first of the day after.
  const data = dateRange(localDay(from, zone), localDay(Date.parse(until) - 1, zone));
  return [
    <span key="at" class="access-at">
      {dateTime(at, { zone })}
      {times > 1 && <span class="soft small">{t('times', { n: times, count: count(times) })}</span>}
    </span>,
    <span key="who" class="access-at">
      {person === null ? who : <strong>{who}</strong>}
      <span class="soft small">{by}</span>
    </span>,
    purposeWords(purpose),
    data,
  ];
}
