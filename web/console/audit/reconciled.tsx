import type { AuditPage } from '../../../api/console.ts';
import { count } from '../../shared/format.ts';
import { Banner } from '../../shared/ui/banner.tsx';
import { UTC } from '../desk.ts';
import { t } from '../text.ts';
import { CardTable } from '../ui/card-table.tsx';
import { When } from '../ui/when.tsx';

type Day = NonNullable<AuditPage['reconciled']>;

/** The day held against what the key service says of itself. */
export function Reconciled({ day }: { readonly day: Day | null }) {
  if (day === null) return <p class="soft">{`${t('audit.reconciled')}: ${t('audit.reconciled.not')}`}</p>;
  const { calls, openings, verified, refused, unasked } = day.outcome;
  const isAsked = unasked === null || unasked === 0;
  const isSound = isAsked && day.unexplained.length === 0 && day.doubts.length === 0;
  const counts = { calls: count(calls), openings: count(openings), verified: count(verified), refused: count(refused) };
  return (
    <>
      <Banner tone={isSound ? 'good' : 'error'}>
        <p>
          <strong>{t('audit.reconciled')}</strong>
        </p>
        {isSound && <p>{t('audit.reconciled.sound')}</p>}
        <p>{t('audit.reconciled.counts', counts)}</p>
        {!isAsked && <p>{t('audit.reconciled.unasked', { unasked: count(unasked) })}</p>}
      </Banner>
      {day.unexplained.length > 0 && <Unexplained found={day.unexplained} />}
      {day.doubts.length > 0 && <Doubts found={day.doubts} />}
    </>
  );
}

function Unexplained({ found }: { readonly found: Day['unexplained'] }) {
  return (
    <CardTable
      caption={t('audit.unexplained')}
      columns={[
        { label: t('audit.principal') },
        { label: t('audit.operation') },
        { label: t('audit.window') },
        { label: t('audit.times'), align: 'end' },
        { label: t('audit.first') },
        { label: t('audit.last') },
      ]}
      rows={found.map(({ principal, operation, data, times, first, last }, i) => ({
        key: String(i),
        cells: [principal, operation, data, count(times), <When key="first" at={first} {...UTC} />, <When key="last" at={last} {...UTC} />],
      }))}
    />
  );
}

function Doubts({ found }: { readonly found: Day['doubts'] }) {
  return (
    <CardTable
      caption={t('audit.doubts')}
      columns={[{ label: t('audit.fault.what') }, { label: t('audit.first') }, { label: t('audit.last') }]}
      rows={found.map(({ fault, from, until }, i) => ({
        key: String(i),
        cells: [t(`audit.doubt.${fault}`), <When key="from" at={from} {...UTC} />, <When key="until" at={until} {...UTC} />],
      }))}
    />
  );
}
