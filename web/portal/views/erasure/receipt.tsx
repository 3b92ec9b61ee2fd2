import type { Erasure } from '../../../../api/customer-account.ts';
import { dateTime } from '../../../shared/format.ts';
import { Card } from '../../../shared/ui/card.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Facts } from '../../parts/facts.tsx';
import { t } from './messages.ts';

interface ReceiptProps {
  readonly of: NonNullable<Erasure['receipt']>;
  readonly zone: string;
}

/** Proof of the request, or of its end: the time, and the record of it with its hash. */
export function Receipt({ of: { of, at, version, hash }, zone }: ReceiptProps) {
  const said = t(`receipt.${of}`);
  const lines = [said, `${t('receiptTime')}: ${at}`, `${t('receiptVersion')}: ${version}`, `${t('receiptHash')}: ${hash}`];
  return (
    <Card title={t('receipt')}>
      <p>
        {said} <span class="soft">{t('receiptKeep')}</span>
      </p>
      <Facts
        facts={[
          { label: t('receiptTime'), value: <time dateTime={at}>{dateTime(at, { zone })}</time> },
          { label: t('receiptVersion'), value: version },
          { label: t('receiptHash'), value: <code class="code">{hash}</code> },
        ]}
      />
      <CopyButton text={lines.join('\n')} label={t('copy')} />
    </Card>
  );
}
