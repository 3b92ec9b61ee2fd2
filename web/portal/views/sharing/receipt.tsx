import type { SharingReceipt } from '../../../../api/customer-account.ts';
import { dateTime } from '../../../shared/format.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Facts } from '../../parts/facts.tsx';
import { t } from './messages.ts';

/** Proof of the end: the time, and the record of it with its hash. */
export function Receipt({ receipt, zone }: { readonly receipt: SharingReceipt; readonly zone: string }) {
  const { recipient, consent, endedAt, version, hash } = receipt;
  const lines = [
    `${t('receiptWho')}: ${recipient.name} (${recipient.id})`,
    `${t('receiptConsent')}: ${consent}`,
    `${t('receiptTime')}: ${endedAt}`,
    `${t('receiptVersion')}: ${version}`,
    `${t('receiptHash')}: ${hash}`,
  ];
  return (
    <>
      <p>{t('receiptText', { name: recipient.name })}</p>
      <Facts
        facts={[
          { label: t('receiptTime'), value: <time dateTime={endedAt}>{dateTime(endedAt, { zone })}</time> },
          { label: t('receiptVersion'), value: version },
          { label: t('receiptConsent'), value: <code class="code">{consent}</code> },
          { label: t('receiptHash'), value: <code class="code">{hash}</code> },
        ]}
      />
      <CopyButton text={lines.join('\n')} label={t('copy')} />
    </>
  );
}
