import type { CustomerBill } from '../../../../api/customer-account.ts';
import { count, energy, money, signed } from '../../../shared/format.ts';
import { Card } from '../../../shared/ui/card.tsx';
import { LoadedView } from '../../../shared/ui/loaded-view.tsx';
import { Table } from '../../../shared/ui/table.tsx';
import type { ViewProps } from '../../view.ts';
import { useBills } from './load-bills.ts';
import { t } from './messages.ts';
import { type BillHead, billBefore, daysOf, differenceOf } from './period.ts';
import { periodWords } from './period-words.ts';

/** A bill beside the one before. */
export function BillComparison({ bill, caller }: Pick<ViewProps, 'caller'> & { readonly bill: CustomerBill }) {
  const bills = useBills(caller);
  return (
    <Card title={t('changeLong')}>
      <LoadedView of={bills}>{(list) => <Comparison bill={bill} before={billBefore(list.bills, bill)} />}</LoadedView>
    </Card>
  );
}

function Comparison({ bill, before }: { readonly bill: BillHead; readonly before: BillHead | undefined }) {
  if (before === undefined) return <p>{t('noBefore')}</p>;
  const difference = differenceOf(bill, before);
  const rows = [
    {
      key: 'money',
      cells: [
        t('amount'),
        money(bill.totalMicro, bill.currency),
        money(before.totalMicro, bill.currency),
        money(difference.moneyMicro, bill.currency, { signed: true }),
      ],
    },
    { key: 'energy', cells: [t('energy'), energy(bill.importWh), energy(before.importWh), signed(difference.importWh, energy)] },
    {
      key: 'day',
      cells: [
        t('perDay'),
        energy(difference.perDayWh),
        energy(difference.perDayBeforeWh),
        signed(difference.perDayWh - difference.perDayBeforeWh, energy),
      ],
    },
    {
      key: 'days',
      cells: [t('days'), count(daysOf(bill)), count(daysOf(before)), signed(difference.days, count)],
    },
  ];
  const columns = [
    { label: t('line') },
    { label: t('thisBill'), align: 'end' },
    { label: periodWords(before), align: 'end' },
    { label: t('difference'), align: 'end' },
  ] as const;
  return (
    <div class="bill-table">
      <Table caption={t('bothCaption')} captionHidden columns={columns} rows={rows} />
    </div>
  );
}
