import { useState } from 'preact/hooks';
import type { SharingReceipt } from '../../../../api/customer-account.ts';
import { count } from '../../../shared/format.ts';
import { Banner } from '../../../shared/ui/banner.tsx';
import { Button } from '../../../shared/ui/button.tsx';
import { Dialog } from '../../../shared/ui/dialog.tsx';
import type { ViewProps } from '../../view.ts';
import type { Arrangement } from './arrangements.ts';
import { t } from './messages.ts';
import { Receipt } from './receipt.tsx';

interface StopDialogProps extends Pick<ViewProps, 'caller'> {
  /** The one to stop; undefined = the dialog is closed. */
  readonly arrangement: Arrangement | undefined;
  readonly zone: string;
  readonly onStopped: (receipt: SharingReceipt) => void;
  readonly onClose: () => void;
}

type Step = 'asking' | 'sending' | 'failed' | SharingReceipt;

/** First what stopping means, then the proof that it has stopped. */
export function StopDialog({ arrangement, caller, zone, onStopped, onClose }: StopDialogProps) {
  const [last, setLast] = useState<{ readonly consent: string; readonly step: Step } | undefined>(undefined);
  const step = last !== undefined && last.consent === arrangement?.consent ? last.step : 'asking';
  const stop = async (consent: string) => {
    setLast({ consent, step: 'sending' });
    const reply = await caller.request<SharingReceipt>({ method: 'DELETE', path: `/v1/me/sharing/${encodeURIComponent(consent)}` });
    setLast({ consent, step: reply.ok ? reply.body : 'failed' });
    if (reply.ok) onStopped(reply.body);
  };
  const isStopped = typeof step === 'object';
  const title = isStopped ? t('receipt') : t('stopTitle', { name: arrangement?.recipient.name ?? '' });
  const actions = isStopped ? (
    <Button onClick={onClose}>{t('close')}</Button>
  ) : (
    <>
      <Button onClick={onClose}>{t('stopKeep')}</Button>
      <Button kind="danger" disabled={step === 'sending'} onClick={() => arrangement && void stop(arrangement.consent)}>
        {step === 'sending' ? t('stopping') : t('stopConfirm')}
      </Button>
    </>
  );
  return (
    <Dialog open={arrangement !== undefined} title={title} onClose={onClose} actions={actions}>
      {isStopped && <Receipt receipt={step} zone={zone} />}
      {!isStopped && arrangement !== undefined && <Consequences arrangement={arrangement} />}
      {step === 'failed' && <Banner tone="error">{t('stopFailed')}</Banner>}
    </Dialog>
  );
}

function Consequences({ arrangement: { recipient, accesses } }: { readonly arrangement: Arrangement }) {
  const past = accesses === 0 ? t('stopNothing') : t('stopPast', { n: accesses, count: count(accesses) });
  return (
    <ul class="consequences">
      <li>{t('stopNow', { name: recipient.name })}</li>
      <li>{past}</li>
      <li>{t('stopAgain', { name: recipient.name })}</li>
    </ul>
  );
}
