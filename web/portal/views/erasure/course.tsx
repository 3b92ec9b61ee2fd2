import type { Erasure } from '../../../../api/customer-account.ts';
import { date, dateRange } from '../../../shared/format.ts';
import { localDayOf } from '../../../shared/local-date.ts';
import { Button } from '../../../shared/ui/button.tsx';
import { Card } from '../../../shared/ui/card.tsx';
import { Table } from '../../../shared/ui/table.tsx';
import { Facts } from '../../parts/facts.tsx';
import { remainsWords, t } from './messages.ts';
import { Receipt } from './receipt.tsx';
import { canBeTakenBack, standingOf } from './standing.ts';

interface CourseProps {
  readonly of: Erasure;
  readonly zone: string;
  readonly onWithdraw: () => void;
}

/** An erasure that was asked for: where it is, what it waits for, and what is still somewhere until when. */
export function Course({ of: erasure, zone, onWithdraw }: CourseProps) {
  const { remaining, receipt, outlook } = erasure;
  return (
    <>
      <Standing of={erasure} zone={zone} onWithdraw={onWithdraw} />
      {receipt !== null && <Receipt of={receipt} zone={zone} />}
      {remaining.length > 0 && (
        <Card title={t(outlook.tenancyLasts ? 'remainingAtLeast' : 'remaining')}>
          <Table
            caption={t('remainingCaption')}
            captionHidden
            columns={[{ label: t('what') }, { label: t('until'), align: 'end' }]}
            rows={remaining.map(({ what, until }) => ({ key: what, cells: [remainsWords(what), shortly(until, zone)] }))}
          />
        </Card>
      )}
    </>
  );
}

function Standing({ of: erasure, zone, onWithdraw }: CourseProps) {
  const { requestedAt, notBefore, completeAt, outlook } = erasure;
  const standing = standingOf(erasure);
  if (standing === 'none') return null;
  const on = (instant: string) => date(instant, { zone });
  const limit = standing === 'law' ? outlook.usageUntil : outlook.notBefore;
  const isOpen = canBeTakenBack(erasure);
  return (
    <Card title={t('standing')}>
      <p class="erasure-state" role="status">
        <strong>{t(`is.${standing}`)}.</strong> {t(`text.${standing}`, { date: on(limit) })}
      </p>
      <Facts
        facts={[
          ...(requestedAt === null ? [] : [{ label: t('requestedAt'), value: on(requestedAt) }]),
          ...(notBefore === null || !isOpen ? [] : [{ label: t('backUntil'), value: on(notBefore) }]),
          { label: t('completeAt'), value: completeAt === null ? t('completeUnknown') : on(completeAt) },
        ]}
      />
      {isOpen && (
        <div>
          <Button onClick={onWithdraw}>{t('withdraw')}</Button>
        </div>
      )}
    </Card>
  );
}

/** In few letters: beside it is what takes more. @param instant ISO 8601 */
function shortly(instant: string, zone: string): string {
  const day = localDayOf(instant, zone);
  return dateRange(day, day);
}
