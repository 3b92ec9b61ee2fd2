import type { MeterView } from '../../../api/console.ts';
import { duration } from '../../shared/format.ts';
import { useLoad } from '../../shared/load.ts';
import { place } from '../../shared/router.ts';
import { Banner } from '../../shared/ui/banner.tsx';
import { instantText } from '../dates.ts';
import { UTC, useDesk } from '../desk.ts';
import { ask, mayCall } from '../model/calls.ts';
import { wantedAt } from '../model/meter-search.ts';
import { t, wordOf } from '../text.ts';
import { Await } from '../ui/await.tsx';
import { Panel } from '../ui/panel.tsx';
import { Particulars } from '../ui/particulars.tsx';
import { TimesOf } from '../ui/times-of.tsx';
import { DayCalendar } from './day-calendar.tsx';
import { DayPage } from './day-page.tsx';
import { MeterSearch } from './meter-search.tsx';

/** A meter by its id: where it is, how its days stand, and each of them. */
export function MeterPage() {
  const { role } = useDesk();
  const [, meterId, day] = place.value.parts;
  const wanted = wantedAt(place.value);
  const canSee = mayCall(role, 'showDay');
  if (meterId !== undefined && day !== undefined && canSee) return <DayPage meterId={meterId} day={day} />;
  return (
    <>
      <h1>{meterId === undefined ? t('page.meter') : t('meter.title', { id: meterId })}</h1>
      <MeterSearch known={meterId ?? ''} wanted={wanted} key={`${meterId} ${wanted}`} />
      {meterId !== undefined && <Meter meterId={meterId} canSee={canSee} key={meterId} />}
    </>
  );
}

function Meter({ meterId, canSee }: { meterId: string; canSee: boolean }) {
  const { requests } = useDesk();
  const meter = useLoad(() => ask(requests, 'showMeter', { meterId }), [requests, meterId]);
  return (
    <Await from={meter}>
      {(view) => (
        <>
          <TimesOf zone={view.zone ?? UTC.zone} />
          <Quarantine view={view} />
          <div class="bench">
            <Panel title={t('meter.days')}>
              {!canSee && <p class="soft">{t('meter.day.not-yours')}</p>}
              <DayCalendar view={view} canSee={canSee} />
            </Panel>
            <Facts view={view} />
          </div>
        </>
      )}
    </Await>
  );
}

function Quarantine({ view: { quarantine, zone } }: { view: MeterView }) {
  if (quarantine === null) return null;
  const since = instantText(quarantine.since, zone ?? UTC.zone);
  return (
    <Banner tone="warning">
      <p>{t('meter.quarantine', { since, reason: wordOf('meter.reason', quarantine.reason) })}</p>
      <p>{t('meter.quarantine.release')}</p>
    </Banner>
  );
}

function Facts({ view }: { view: MeterView }) {
  const { status, usagePoint, zone, area, meterClass, intervalMinutes, segment, concentrators, epoch } = view;
  const facts = [
    [t('meter.status'), status],
    [t('meter.point'), usagePoint ?? t('none')],
    [t('meter.zone'), zone],
    [t('meter.area'), area],
    [t('meter.class'), meterClass],
    [t('meter.interval'), intervalMinutes === null ? null : duration(intervalMinutes)],
    [t('meter.segment'), segment],
    [t('meter.concentrators'), concentrators.length === 0 ? null : concentrators.join(', ')],
    [
      t('meter.epoch'),
      epoch === null ? null : t('meter.epoch.since', { epoch: epoch.epoch, at: instantText(epoch.since, zone ?? UTC.zone) }),
    ],
  ] as const;
  return (
    <Panel title={t('page.meter')}>
      <Particulars facts={facts.map(([name, value]) => [name, value ?? t('unknown')])} />
    </Panel>
  );
}
