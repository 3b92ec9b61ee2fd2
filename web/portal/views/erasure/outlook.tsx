import type { Erasure } from '../../../../api/customer-account.ts';
import { date } from '../../../shared/format.ts';
import { Banner } from '../../../shared/ui/banner.tsx';
import { Card } from '../../../shared/ui/card.tsx';
import { t } from './messages.ts';
import { Receipt } from './receipt.tsx';

interface OutlookProps {
  readonly of: Erasure;
  readonly zone: string;
}

/** Before anybody asks: what a request would come to, by law and contract as they are now. */
export function Outlook({ of: { outlook, held, receipt }, zone }: OutlookProps) {
  const { tenancyLasts, notBefore, usageUntil, billsUntil } = outlook;
  const on = (instant: string) => date(instant, { zone });
  return (
    <>
      {receipt !== null && (
        <>
          <Banner tone="good">{t('withdrawn')}</Banner>
          <Receipt of={receipt} zone={zone} />
        </>
      )}
      {held && <Banner>{t('held')}</Banner>}
      <Card title={t('goes')}>
        <List lines={[t('goesReadings'), t('goesSignIn'), t('goesSharing')]} />
      </Card>
      <Card title={t('stays')}>
        <List
          lines={[
            ...(billsUntil === null ? [] : [t(tenancyLasts ? 'staysBillsAtLeast' : 'staysBills', { until: on(billsUntil) })]),
            t('staysCopies'),
            t('staysRecord'),
            t('staysSums'),
          ]}
        />
      </Card>
      <Card title={t('when')}>
        <List
          lines={[tenancyLasts ? t('whenTenancy') : t('whenLater', { date: on(usageUntil) }), t('whenBack', { date: on(notBefore) })]}
        />
      </Card>
    </>
  );
}

function List({ lines }: { readonly lines: readonly string[] }) {
  return (
    <ul class="erasure-list prose">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
