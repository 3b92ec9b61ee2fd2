import type { CustomerBill } from '../../../../api/customer-account.ts';
import { date, dateRange, energy, money, percent } from '../../../shared/format.ts';
import { useLoad } from '../../../shared/load.ts';
import { hrefOf } from '../../../shared/router.ts';
import { Banner } from '../../../shared/ui/banner.tsx';
import { Button } from '../../../shared/ui/button.tsx';
import { Card } from '../../../shared/ui/card.tsx';
import { LoadedView } from '../../../shared/ui/loaded-view.tsx';
import { Facts } from '../../parts/facts.tsx';
import type { ViewProps } from '../../view.ts';
import { BillComparison } from './bill-comparison.tsx';
import { BillLines } from './bill-lines.tsx';
import { t } from './messages.ts';
import { lastDayOf } from './period.ts';
import { periodWords } from './period-words.ts';
import { SignedBill } from './signed-bill.tsx';

/** One bill, as it would lie on paper. */
export function BillPage({ caller, point, bill }: ViewProps & { readonly bill: string }) {
  const loaded = useLoad(() => caller.request<CustomerBill>({ path: `/v1/me/bills/${encodeURIComponent(bill)}` }), [caller, bill]);
  const back = (
    <p class="no-print">
      <a href={hrefOf(['bill'])}>{t('back')}</a>
    </p>
  );
  const state = loaded.state.value;
  if (state.state === 'failed' && (state.status === 404 || state.status === 400))
    return (
      <>
        <h1>{t('missing')}</h1>
        <p>{t('missingText')}</p>
        {back}
      </>
    );
  return (
    <>
      {back}
      <LoadedView of={loaded}>{(value) => <Bill bill={value} caller={caller} zone={point.zone} />}</LoadedView>
    </>
  );
}

function Bill({ bill, caller, zone }: Pick<ViewProps, 'caller'> & { readonly bill: CustomerBill; readonly zone: string }) {
  const { currency, totalMicro, importWh, revision, estimatedBasisPoints, lines, usagePoint, issuedAt } = bill;
  const estimated = percent(estimatedBasisPoints / 10_000, { digits: 1 });
  return (
    <>
      <div class="row bill-title">
        <h1>{t('open', { period: periodWords(bill) })}</h1>
        <div class="no-print">
          <Button onClick={() => print()}>{t('print')}</Button>
        </div>
      </div>
      {revision > 1 && <Banner>{t('correctedText', { n: revision })}</Banner>}
      <Card title={t('total')}>
        <p class="figure-value number">{money(totalMicro, currency)}</p>
        <Facts
          facts={[
            { label: t('billPeriod'), value: dateRange(bill.from, lastDayOf(bill)) },
            { label: t('energy'), value: energy(importWh) },
            { label: t('issued'), value: date(issuedAt, { zone }) },
            { label: t('point'), value: usagePoint },
            { label: t('number'), value: <span class="code">{bill.bill}</span> },
            { label: t('version'), value: revision },
          ]}
        />
        {estimatedBasisPoints > 0 && <p>{t('estimatedText', { percent: estimated })}</p>}
      </Card>
      <Card title={t('lines')}>
        <BillLines caption={t('linesCaption')} lines={lines} currency={currency} total={t('total')} totalMicro={totalMicro} />
      </Card>
      <BillComparison bill={bill} caller={caller} />
      <SignedBill bill={bill} />
    </>
  );
}
