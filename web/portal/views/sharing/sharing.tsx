import { useEffect, useRef, useState } from 'preact/hooks';
import type { SharingList, SharingReceipt } from '../../../../api/customer-account.ts';
import { offlineStore } from '../../../shared/browser.ts';
import { useLoad } from '../../../shared/load.ts';
import { Banner } from '../../../shared/ui/banner.tsx';
import { Card } from '../../../shared/ui/card.tsx';
import { Empty } from '../../../shared/ui/empty.tsx';
import { LoadedView } from '../../../shared/ui/loaded-view.tsx';
import type { ViewProps } from '../../view.ts';
import { ArrangementCard } from './arrangement-card.tsx';
import { type Arrangement, sorted } from './arrangements.ts';
import { t } from './messages.ts';
import { StopDialog } from './stop-dialog.tsx';
import './sharing.css';

/** Who gets data because the customer allowed it, and how to stop that. @source X.1332 9.3 */
export function Sharing({ caller, point }: ViewProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const [stopping, stop] = useState<Arrangement | undefined>(undefined);
  const [stopped, setStopped] = useState<SharingReceipt | undefined>(undefined);
  const sharing = useLoad(() => caller.request<SharingList>({ path: '/v1/me/sharing' }), [caller], {
    keep: { store: offlineStore, name: 'sharing' },
  });
  useEffect(() => {
    // The button that opened the dialog is gone with its arrangement.
    if (stopping === undefined && stopped !== undefined) heading.current?.focus();
  }, [stopping, stopped]);
  const onStopped = (receipt: SharingReceipt) => {
    setStopped(receipt);
    void sharing.reload();
  };
  return (
    <>
      <div class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {t('title')}
        </h1>
        <p class="soft">{t('intro')}</p>
      </div>
      {stopped !== undefined && <Banner tone="good">{t('stoppedNote', { name: stopped.recipient.name })}</Banner>}
      <LoadedView of={sharing}>
        {({ sharing: arrangements }) => <Arrangements arrangements={arrangements} caller={caller} zone={point.zone} onStop={stop} />}
      </LoadedView>
      <StopDialog arrangement={stopping} caller={caller} zone={point.zone} onStopped={onStopped} onClose={() => stop(undefined)} />
    </>
  );
}

interface ArrangementsProps extends Pick<ViewProps, 'caller'> {
  readonly arrangements: readonly Arrangement[];
  readonly zone: string;
  readonly onStop: (arrangement: Arrangement) => void;
}

function Arrangements({ arrangements, caller, zone, onStop }: ArrangementsProps) {
  if (arrangements.length === 0)
    return (
      <Card title={t('active')}>
        <Empty title={t('none')}>{t('noneText')}</Empty>
      </Card>
    );
  const { active, expired, ended } = sorted(arrangements, Date.now());
  const common = { caller, zone };
  return (
    <>
      <Card title={t('active')}>
        {active.length === 0 && <p>{t('noneActive')}</p>}
        {active.map((one) => (
          <ArrangementCard key={one.consent} arrangement={one} {...common} onStop={() => onStop(one)} />
        ))}
      </Card>
      {expired.length > 0 && (
        <Card title={t('expired')}>
          {expired.map((one) => (
            <ArrangementCard key={one.consent} arrangement={one} {...common} />
          ))}
        </Card>
      )}
      {ended.length > 0 && (
        <Card title={t('ended')}>
          <p class="soft">{t('endedBySomebody')}</p>
          {ended.map((one) => (
            <ArrangementCard key={one.consent} arrangement={one} {...common} />
          ))}
        </Card>
      )}
    </>
  );
}
