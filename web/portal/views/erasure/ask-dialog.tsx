import type { Erasure } from '../../../../api/customer-account.ts';
import { date } from '../../../shared/format.ts';
import { hrefOf } from '../../../shared/router.ts';
import { Banner } from '../../../shared/ui/banner.tsx';
import { Button } from '../../../shared/ui/button.tsx';
import { Dialog } from '../../../shared/ui/dialog.tsx';
import { t } from './messages.ts';
import type { Sending } from './standing.ts';

interface AskDialogProps {
  readonly open: boolean;
  readonly of: Erasure;
  readonly zone: string;
  readonly sending: Sending;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** The second step: what can't be undone, once more, and the way to what one may want to keep. */
export function AskDialog({ open, of: { outlook }, zone, sending, onConfirm, onClose }: AskDialogProps) {
  const actions = (
    <>
      <Button onClick={onClose}>{t('askCancel')}</Button>
      <Button kind="danger" disabled={sending === 'sending'} onClick={onConfirm}>
        {sending === 'sending' ? t('sending') : t('askConfirm')}
      </Button>
    </>
  );
  return (
    <Dialog open={open} title={t('askTitle')} onClose={onClose} actions={actions}>
      <ul class="erasure-list">
        <li>{t('askNow')}</li>
        <li>{t('askBack', { date: date(outlook.notBefore, { zone }) })}</li>
        <li>
          {t('askGone')} <a href={hrefOf(['downloads'])}>{t('askFiles')}</a>
        </li>
      </ul>
      {(sending === 'failed' || sending === 'late') && <Banner tone="error">{t('askFailed')}</Banner>}
    </Dialog>
  );
}
