import type { SharingHistory } from '../../../../api/customer-account.ts';
import { count, dateTime, spanDates } from '../../../shared/format.ts';
import { useLoad } from '../../../shared/load.ts';
import { LoadedView } from '../../../shared/ui/loaded-view.tsx';
import type { ViewProps } from '../../view.ts';
import { words } from './data-words.ts';
import { reasonWords, t } from './messages.ts';

type Delivery = SharingHistory['deliveries'][number];

interface DeliveryHistoryProps extends Pick<ViewProps, 'caller'> {
  readonly consent: string;
  readonly name: string;
  readonly zone: string;
}

/** Every page that left, and every one that was refused. */
export function DeliveryHistory({ caller, consent, name, zone }: DeliveryHistoryProps) {
  const history = useLoad(
    () => caller.request<SharingHistory>({ path: `/v1/me/sharing/${encodeURIComponent(consent)}` }),
    [caller, consent],
  );
  return (
    <LoadedView of={history}>
      {({ deliveries }) =>
        deliveries.length === 0 ? (
          <p>{t('noHistory')}</p>
        ) : (
          <ul class="log" aria-label={t('historyCaption', { name })}>
            {deliveries.map((delivery, i) => (
              <DeliveryItem key={`${delivery.at} ${i}`} of={delivery} zone={zone} />
            ))}
          </ul>
        )
      }
    </LoadedView>
  );
}

function DeliveryItem({ of, zone }: { readonly of: Delivery; readonly zone: string }) {
  const { at, dataClasses, resolution, from, until, hash } = of;
  const data = [...dataClasses.map((one) => words(`class.${one}`)), ...(resolution === null ? [] : [words(`resolution.${resolution}`)])];
  return (
    <li>
      <span>
        <time dateTime={at}>{dateTime(at, { zone })}</time>
      </span>
      <strong>{happened(of)}</strong>
      <span>{data.join(', ')}</span>
      <span class="soft small">
        {from !== null && until !== null && <span>{t('dataOf', { span: spanDates(from, until, { zone }) })}</span>}
        {hash !== null && <span class="code log-hash">{t('fingerprint', { hash })}</span>}
      </span>
    </li>
  );
}

function happened({ outcome, reason, rows }: Delivery): string {
  if (outcome === 'refused') return reason === null ? t('refused') : `${t('refused')}: ${reasonWords(reason)}`;
  return rows === null ? t('disclosed') : `${t('disclosed')}: ${t('rows', { n: rows, count: count(rows) })}`;
}
