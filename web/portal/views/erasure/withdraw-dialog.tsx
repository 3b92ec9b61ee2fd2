import { Banner } from '../../../shared/ui/banner.tsx';
import { Button } from '../../../shared/ui/button.tsx';
import { Dialog } from '../../../shared/ui/dialog.tsx';
import { t } from './messages.ts';
import type { Sending } from './standing.ts';

interface WithdrawDialogProps {
  readonly open: boolean;
  readonly sending: Sending;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Taking it back gives nothing away: no fresh sign-in is wanted for it. */
export function WithdrawDialog({ open, sending, onConfirm, onClose }: WithdrawDialogProps) {
  const actions = (
    <>
      <Button onClick={onClose}>{t('withdrawCancel')}</Button>
      <Button kind="primary" disabled={sending === 'sending' || sending === 'late'} onClick={onConfirm}>
        {sending === 'sending' ? t('sending') : t('withdrawConfirm')}
      </Button>
    </>
  );
  return (
    <Dialog open={open} title={t('withdrawTitle')} onClose={onClose} actions={actions}>
      <p>{t('withdrawText')}</p>
      {sending === 'failed' && <Banner tone="error">{t('withdrawFailed')}</Banner>}
      {sending === 'late' && <Banner tone="error">{t('withdrawLate')}</Banner>}
    </Dialog>
  );
}
