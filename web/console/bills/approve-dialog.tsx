import { useSignal } from '@preact/signals';
import type { BillApproved } from '../../../api/held-bills.ts';
import type { Refusal } from '../../shared/session.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Dialog } from '../../shared/ui/dialog.tsx';
import { useDesk } from '../desk.ts';
import { ask } from '../model/calls.ts';
import { approvalOf, asApproved, type HeldBill, isComplete } from '../model/held-bills.ts';
import { t } from '../text.ts';
import { Refused } from '../ui/await.tsx';
import { TextField } from '../ui/field.tsx';
import { amountWords, energyWords, holdWords, periodText } from './hold-words.ts';

/** What came of an approval, in words. */
export interface Approved {
  readonly out: boolean;
  readonly news: string;
}

interface ApproveDialogProps {
  readonly bill: HeldBill;
  /** @param approved what came of it; `undefined` = nothing was done */
  readonly onDone: (approved: Approved | undefined) => void;
}

/** Says whose bill goes out and why it waited, and wants a reason, before it does. */
export function ApproveDialog({ bill, onDone }: ApproveDialogProps) {
  const { requests } = useDesk();
  const reason = useSignal('');
  const demand = useSignal(false);
  const refusal = useSignal<Refusal | undefined>(undefined);
  const busy = useSignal(false);
  const { account, usagePoint: point, reasons } = bill;
  const approve = async () => {
    busy.value = true;
    const body = approvalOf(bill, reason.value, demand.value);
    const reply = await ask(requests, 'approveBill', { account, bill: bill.bill }, { body });
    busy.value = false;
    if (reply.ok) onDone(approvedWords(account, reply.body));
    else refusal.value = reply;
  };
  const ready = isComplete(bill, reason.value, demand.value) && !busy.value;
  const actions = (
    <>
      <Button onClick={() => onDone(undefined)}>{t('cancel')}</Button>
      <Button kind="danger" disabled={!ready} onClick={() => void approve()}>
        {t('bills.approve.do')}
      </Button>
    </>
  );
  return (
    <Dialog open title={t('bills.approve.title', { account })} onClose={() => onDone(undefined)} actions={actions}>
      <p>{t('bills.approve.what', { point, period: periodText(bill) })}</p>
      <p>
        {t('bills.why')}: {holdWords(reasons)}
      </p>
      <p>
        {t('bills.amount')}: {amountWords(asApproved(bill, demand.value))} {energyWords(bill)}
      </p>
      <TextField
        label={t('bills.approve.reason')}
        value={reason.value}
        hint={t('bills.approve.wants')}
        onText={(value) => {
          reason.value = value;
        }}
      />
      {reasons.includes('demand-estimated') && (
        <label class="check">
          <input
            type="checkbox"
            checked={demand.value}
            onChange={(event) => {
              demand.value = event.currentTarget.checked;
            }}
          />
          {t('bills.approve.demand')}
        </label>
      )}
      {refusal.value !== undefined && <Refused refusal={refusal.value} />}
    </Dialog>
  );
}

function approvedWords(account: string, { result, revision = 1, reasons }: BillApproved): Approved {
  if (result === 'went-out') return { out: true, news: t('bills.approved', { account, revision }) };
  return { out: false, news: t('bills.stays', { account, reasons: holdWords(reasons) }) };
}
