import { energyNumber, money } from '../../../shared/format.ts';
import { hrefOf } from '../../../shared/router.ts';
import { Card } from '../../../shared/ui/card.tsx';
import { Empty } from '../../../shared/ui/empty.tsx';
import { LoadedView } from '../../../shared/ui/loaded-view.tsx';
import { Table } from '../../../shared/ui/table.tsx';
import type { ViewProps } from '../../view.ts';
import { useBills } from './load-bills.ts';
import { t } from './messages.ts';
import { type BillHead, billBefore, newestFirst } from './period.ts';
import { periodWords } from './period-words.ts';

/** Bills of the supply point that is looked at. */
export function BillTable({ caller, point }: ViewProps) {
  const bills = useBills(caller);
  return (
    <Card title={t('bills')}>
      <LoadedView of={bills}>
        {(list) => <Rows bills={list.bills.filter(({ usagePoint }) => usagePoint === point.usagePoint)} />}
      </LoadedView>
    </Card>
  );
}

function Rows({ bills }: { readonly bills: readonly BillHead[] }) {
  if (bills.length === 0) return <Empty title={t('noBills')}>{t('noBillsText')}</Empty>;
  const rows = newestFirst(bills).map((bill) => {
    const before = billBefore(bills, bill);
    const change = before === undefined ? '–' : money(BigInt(bill.totalMicro) - BigInt(before.totalMicro), bill.currency, { signed: true });
    return {
      key: bill.bill,
      cells: [<BillName key="name" bill={bill} />, money(bill.totalMicro, bill.currency), energyNumber(bill.importWh), change],
    };
  });
  const columns = [
    { label: t('billPeriod') },
    { label: t('amount'), align: 'end' },
    { label: `${t('energy')} (kWh)`, align: 'end' },
    { label: t('change'), align: 'end' },
  ] as const;
  return (
    <div class="bill-table">
      <Table caption={t('billsCaption')} captionHidden columns={columns} rows={rows} />
    </div>
  );
}

function BillName({ bill }: { readonly bill: BillHead }) {
  return (
    <span class="bill-name">
      <a href={hrefOf(['bill', bill.bill])}>{periodWords(bill)}</a>
      {bill.revision > 1 && <span class="badge">{t('corrected')}</span>}
    </span>
  );
}
