import { useSignal } from '@preact/signals';
import type { HeldBills } from '../../../api/held-bills.ts';
import { useLoad } from '../../shared/load.ts';
import { Banner } from '../../shared/ui/banner.tsx';
import { Button } from '../../shared/ui/button.tsx';
import { Empty } from '../../shared/ui/empty.tsx';
import { dayOfInstant } from '../dates.ts';
import { UTC, useDesk } from '../desk.ts';
import { ask, mayCall } from '../model/calls.ts';
import { goesByWord, type HeldBill, hrefOfDays } from '../model/held-bills.ts';
import { t } from '../text.ts';
import { Await, Freshness } from '../ui/await.tsx';
import { CardTable } from '../ui/card-table.tsx';
import { Panel } from '../ui/panel.tsx';
import { ApproveDialog, type Approved } from './approve-dialog.tsx';
import { amountWords, energyWords, holdWords, periodText } from './hold-words.ts';

/** Bills that wait, why, and the word that lets one go. */
export function BillsPage() {
  const { requests, role } = useDesk();
  const bills = useLoad(() => ask(requests, 'listHeldBills'), [requests]);
  const approving = useSignal<HeldBill | undefined>(undefined);
  const told = useSignal<Approved | undefined>(undefined);
  const choose = (bill: HeldBill) => {
    approving.value = bill;
  };
  const done = (approved: Approved | undefined) => {
    approving.value = undefined;
    told.value = approved;
    if (approved !== undefined) void bills.reload();
  };
  return (
    <>
      <header class="page-head">
        <h1>{t('page.bills')}</h1>
        <Freshness from={bills} />
      </header>
      {told.value !== undefined && <Banner tone={told.value.out ? 'good' : 'warning'}>{told.value.news}</Banner>}
      <Await from={bills}>
        {(view) => <BillTable view={view} role={role} {...(mayCall(role, 'approveBill') && { onApprove: choose })} />}
      </Await>
      {approving.value !== undefined && <ApproveDialog bill={approving.value} onDone={done} />}
    </>
  );
}

interface BillTableProps {
  readonly view: HeldBills;
  readonly role: string;
  readonly onApprove?: (bill: HeldBill) => void;
}

function BillTable({ view: { bills, more }, role, onApprove }: BillTableProps) {
  if (bills.length === 0)
    return (
      <Panel title={t('bills.title')} wide>
        <Empty title={t('bills.none')} />
      </Panel>
    );
  return (
    <Panel title={t('bills.title')} wide>
      <CardTable
        caption={t('bills.title')}
        captionHidden
        columns={[
          { label: t('bills.account') },
          { label: t('bills.point') },
          { label: t('bills.period') },
          { label: t('bills.why') },
          { label: t('bills.amount') },
          { label: t('bills.out') },
          ...(onApprove === undefined ? [] : [{ label: t('bills.action') }]),
        ]}
        rows={bills.map((bill) => ({
          key: `${bill.account} ${bill.bill}`,
          cells: [
            ...cellsOf(bill, role),
            ...(onApprove === undefined ? [] : [<Approve key="do" bill={bill} role={role} onApprove={onApprove} />]),
          ],
        }))}
      />
      {more > 0 && <p class="soft">{t('bills.more', { n: more })}</p>}
    </Panel>
  );
}

function cellsOf(bill: HeldBill, role: string) {
  const { account, usagePoint, from, until, billed, outAt } = bill;
  return [
    account,
    <ToDays key="point" bill={bill} role={role}>
      {usagePoint}
    </ToDays>,
    <span key="period" class="nowrap">
      {periodText({ from, until })}
    </span>,
    <>
      {holdWords(bill.reasons)}
      {billed && <p class="soft small">{t('bills.again')}</p>}
    </>,
    <>
      {amountWords(bill)}
      <p class="soft small">{energyWords(bill)}</p>
    </>,
    <span key="out" class="nowrap">
      {dayOfInstant(outAt, UTC.zone)}
    </span>,
  ];
}

/** Leads to the meters of the bill and their days, where the role may go there. */
function ToDays({ bill, role, children }: { bill: HeldBill; role: string; children: string }) {
  const href = hrefOfDays(bill, role);
  return href === undefined ? <span>{children}</span> : <a href={href}>{children}</a>;
}

function Approve({ bill, role, onApprove }: { bill: HeldBill; role: string; onApprove: (bill: HeldBill) => void }) {
  if (!goesByWord(bill))
    return (
      <span class="soft">
        <ToDays bill={bill} role={role}>
          {t('bills.waits')}
        </ToDays>
      </span>
    );
  return (
    <Button kind="quiet" onClick={() => onApprove(bill)}>
      {t('bills.approve')}
    </Button>
  );
}
