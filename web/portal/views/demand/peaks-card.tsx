import type { DemandPeaks } from '../../../../api/customer-usage.ts';
import { offlineStore } from '../../../shared/browser.ts';
import { dateTime, month, power } from '../../../shared/format.ts';
import { locale } from '../../../shared/i18n.ts';
import { useLoad } from '../../../shared/load.ts';
import { localDayOf } from '../../../shared/local-date.ts';
import { Bars } from '../../../shared/ui/bars.tsx';
import type { Bar } from '../../../shared/ui/bars-geometry.ts';
import { Card } from '../../../shared/ui/card.tsx';
import { Empty } from '../../../shared/ui/empty.tsx';
import { LoadedView } from '../../../shared/ui/loaded-view.tsx';
import { Skeleton } from '../../../shared/ui/skeleton.tsx';
import { Figure } from '../../parts/figure.tsx';
import { pointPath, type ViewProps } from '../../view.ts';
import { everyMonth, highestOf, type Peak, type PeakMonth } from './comparison.ts';
import { t } from './messages.ts';

/** The most power of each month. */
export function PeaksCard({ caller, point: { usagePoint, intervalMinutes } }: ViewProps) {
  const peaks = useLoad(() => caller.request<DemandPeaks>({ path: pointPath(usagePoint, 'demand') }), [caller, usagePoint], {
    keep: { store: offlineStore, name: `demand:${usagePoint}` },
  });
  return (
    <Card title={t('peaks')}>
      <p class="soft prose">{t('peaksIntro', { minutes: intervalMinutes })}</p>
      <LoadedView of={peaks} skeleton={<Skeleton lines={2} block />}>
        {(value) => <Peaks peaks={value} />}
      </LoadedView>
    </Card>
  );
}

function Peaks({ peaks: { months, zone } }: { readonly peaks: DemandPeaks }) {
  const highest = highestOf(months);
  if (highest === undefined) return <Empty title={t('noPeaks')}>{t('noPeaksText')}</Empty>;
  const current = months.find((peak) => peak.month === localDayOf(Date.now(), zone).slice(0, 7));
  return (
    <>
      <dl class="figures">
        <Figure label={t('highest')} value={power(highest.peakW)} note={whenOf(highest, zone)} />
        {current !== undefined && current !== highest && (
          <Figure label={t('latest')} value={power(current.peakW)} note={whenOf(current, zone)} />
        )}
      </dl>
      <Bars
        caption={t('peaksCaption')}
        bars={everyMonth(months).map((one) => barOf(one, zone))}
        valueText={power}
        tickText={(w) => new Intl.NumberFormat(locale.value, { maximumFractionDigits: 1 }).format(w / 1_000)}
        heads={{ title: t('monthAndTime'), value: t('peak') }}
      />
    </>
  );
}

function whenOf({ at, estimated }: Peak, zone: string): string {
  return estimated ? `${dateTime(at, { zone })} (${t('estimated')})` : dateTime(at, { zone });
}

/** The table has the time of the peak as well: it stands in the bar's title. */
function barOf({ month: name, peak }: PeakMonth, zone: string): Bar {
  const middle = `${name}-15T12:00:00Z`;
  const [label, title] = [month(middle, { zone: 'UTC', style: 'short' }), month(middle, { zone: 'UTC' })];
  if (peak === null) return { key: name, label, title, value: null, mark: 'missing' };
  const when = dateTime(peak.at, { zone });
  return {
    key: name,
    label,
    title: t('barTitle', { month: title, when }),
    value: peak.peakW,
    mark: peak.estimated ? 'estimated' : 'measured',
  };
}
