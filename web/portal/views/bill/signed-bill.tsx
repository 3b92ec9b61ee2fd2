import type { CustomerBill } from '../../../../api/customer-account.ts';
import { Card } from '../../../shared/ui/card.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { t } from './messages.ts';

/** The bill as the utility signed it, for whoever wants to prove what it said. */
export function SignedBill({ bill: { signed } }: { readonly bill: CustomerBill }) {
  if (signed === null) return null;
  return (
    <Card title={t('signed')} className="no-print">
      <p>{t('signedText')}</p>
      <CopyButton text={signed} label={t('copySigned')} />
    </Card>
  );
}
