import type { SharingHistory } from '../../../../api/customer-account.ts';
import { count, date, dateTime } from '../../../shared/format.ts';
import { useLoad } from '../../../shared/load.ts';
import { LoadedView } from '../../../shared/ui/loaded-view.tsx';
import { Table } from '../../../shared/ui/table.tsx';
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
          <Table
            caption={t('historyCaption', { name })}
            columns={[
              { label: t('at') },
              { label: t('outcome') },
              { label: t('data') },
              { label: t('window') },
              { label: t('fingerprint') },
            ]}
            rows={deliveries.map((delivery, i) => ({ key: String(i), cells: cellsOf(delivery, zone) }))}
          />
        )
      }
    </LoadedView>
  );
}

function cellsOf({ at, outcome, dataClasses, resolution, from, until, rows, hash, reason }: Delivery, zone: string) {
  const happened =
    outcome === 'refused'
      ? [t('refused'), reason === null ? '' : reasonWords(reason)].filter(Boolean).join(': ')
      : [t('disclosed'), rows === null ? '' : t('rows', { n: rows, count: count(rows) })].filter(Boolean).join(', ');
  const data = [...dataClasses.map((one) => words(`class.${one}`)), resolution === null ? '' : words(`resolution.${resolution}`)];
  return [
    dateTime(at, { zone }),
    happened,
    data.filter(Boolean).join(', ') || '–',
    from === null || until === null ? '–' : t('span', { from: date(from, { zone }), until: date(until, { zone }) }),
    hash === null ? '–' : <code key="hash" class="code" title={hash}>{`${hash.slice(0, 12)}…`}</code>,
  ];
}
