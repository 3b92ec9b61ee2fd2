import { count, dateTime, spanDates } from '../../../shared/format.ts';
import type { AccessGroup } from './accesses.ts';
import { purposeWords, t } from './messages.ts';

/** Accesses of one day for one reason: when, why, who, and the data of which days. */
export function AccessItem({ of, zone }: { readonly of: AccessGroup; readonly zone: string }) {
  const { at, by, person, purpose, times, from, until } = of;
  return (
    <li>
      <span>
        <time dateTime={at}>{dateTime(at, { zone })}</time>
        {times > 1 && <span class="soft small"> · {t('times', { n: times, count: count(times) })}</span>}
      </span>
      <strong>{purposeWords(purpose)}</strong>
      <span>
        {person === null ? t('automatic') : <strong>{t('person', { name: person })}</strong>} <span class="soft small">({by})</span>
      </span>
      <span class="soft small">{t('dataOf', { span: spanDates(from, until, { zone }) })}</span>
    </li>
  );
}
