import type { ExceptionRow } from '../../../api/exceptions.ts';
import { count } from '../../shared/format.ts';
import { hrefOf } from '../../shared/router.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Table } from '../../shared/ui/table.tsx';
import { dayText } from '../dates.ts';
import { UTC } from '../desk.ts';
import { t } from '../text.ts';
import { When } from '../ui/when.tsx';

/** Meter days of a row, each leading to its page. */
export function RowDays({ row, label, onAll }: { row: ExceptionRow; label: string; onAll: () => void }) {
  return (
    <div class="stack">
      <Table
        caption={t('exceptions.meter-days', { cause: label })}
        columns={[
          { label: t('column.meter') },
          { label: t('column.day') },
          { label: t('exceptions.column.slots'), align: 'end' },
          { label: t('exceptions.column.since') },
          { label: t('column.status') },
        ]}
        rows={row.exceptions.map(({ meterId, day, slots, since, status, proposedBy }) => ({
          key: `${meterId} ${day}`,
          cells: [
            <a key="meter" href={hrefOf(['meter', meterId, day])}>
              <code>{meterId}</code>
            </a>,
            <span key="day" class="nowrap">
              {dayText(day)}
            </span>,
            count(slots),
            <When key="since" at={since} {...UTC} />,
            proposedBy === undefined ? t(`status.${status}`) : t('exceptions.proposed', { person: proposedBy }),
          ],
        }))}
      />
      {row.more > 0 && (
        <p class="row">
          <span>{t('exceptions.more-days', { n: row.more })}</span>
          <Button onClick={onAll}>{t('exceptions.all-days')}</Button>
        </p>
      )}
    </div>
  );
}
