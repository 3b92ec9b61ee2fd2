import { useId, useState } from 'preact/hooks';
import { ago, count, date } from '../../../shared/format.ts';
import { Banner } from '../../../shared/ui/banner.tsx';
import { Button } from '../../../shared/ui/button.tsx';
import { Facts } from '../../parts/facts.tsx';
import type { ViewProps } from '../../view.ts';
import { type Arrangement, endOf, endsSoon } from './arrangements.ts';
import { words } from './data-words.ts';
import { DeliveryHistory } from './delivery-history.tsx';
import { t } from './messages.ts';

interface ArrangementCardProps extends Pick<ViewProps, 'caller'> {
  readonly arrangement: Arrangement;
  readonly zone: string;
  /** Where it can still be stopped. */
  readonly onStop?: () => void;
}

/** One arrangement with what it allows, what came of it, and the way out. */
export function ArrangementCard({ arrangement, caller, zone, onStop }: ArrangementCardProps) {
  const [isOpen, setOpen] = useState(false);
  const [id, historyId] = [useId(), useId()];
  const { recipient, purpose, consent } = arrangement;
  const soon = onStop === undefined ? undefined : endsSoon(arrangement, Date.now());
  return (
    <article class="arrangement" aria-labelledby={id}>
      <div>
        <h3 id={id}>{recipient.name}</h3>
        <p>{words(`purpose.${purpose}`)}</p>
      </div>
      {soon !== undefined && (
        <Banner tone="warning">
          <strong>{soon === 0 ? t('expiresToday') : t('expiresSoon', { n: soon })}.</strong> {t('expiresText', { name: recipient.name })}
        </Banner>
      )}
      <Facts facts={factsOf(arrangement, zone)} />
      <div class="row">
        <Button expanded={isOpen} label={`${isOpen ? t('hideHistory') : t('history')}: ${recipient.name}`} onClick={() => setOpen(!isOpen)}>
          {isOpen ? t('hideHistory') : t('history')}
        </Button>
        {onStop !== undefined && (
          <Button kind="danger" label={t('stopWith', { name: recipient.name })} onClick={onStop}>
            {t('stop')}
          </Button>
        )}
      </div>
      <div id={historyId} hidden={!isOpen}>
        {isOpen && <DeliveryHistory caller={caller} consent={consent} name={recipient.name} zone={zone} />}
      </div>
    </article>
  );
}

function factsOf(arrangement: Arrangement, zone: string) {
  const { dataClasses, resolution, from, until, status, grantedAt, expiresAt, lastAccessAt, accesses } = arrangement;
  const classes = (
    <ul>
      {dataClasses.map((one) => (
        <li key={one}>{words(`class.${one}`)}</li>
      ))}
    </ul>
  );
  const end =
    status === 'revoked'
      ? { label: t('endedAt'), value: date(endOf(arrangement), { zone }) }
      : { label: Date.parse(expiresAt) > Date.now() ? t('until') : t('expiredAt'), value: date(expiresAt, { zone }) };
  return [
    { label: t('data'), value: classes },
    { label: t('resolution'), value: <div class="sentence">{words(`resolution.${resolution}`)}</div> },
    { label: t('window'), value: t('span', { from: date(from, { zone }), until: date(until, { zone }) }) },
    { label: t('since'), value: date(grantedAt, { zone }) },
    end,
    { label: t('lastAccess'), value: lastAccessAt === null ? t('never') : ago(Date.parse(lastAccessAt), Date.now()) },
    { label: t('count'), value: count(accesses) },
  ];
}
