import type { Today } from '../../../../api/customer-usage.ts';
import { offlineStore } from '../../../shared/browser.ts';
import { count, energy, localDate, money, percent, time, weekday } from '../../../shared/format.ts';
import { useLoad } from '../../../shared/load.ts';
import { hrefOf } from '../../../shared/router.ts';
import type { Caller } from '../../../shared/session.ts';
import { Card } from '../../../shared/ui/card.tsx';
import { Icon } from '../../../shared/ui/icon.tsx';
import { LoadedView } from '../../../shared/ui/loaded-view.tsx';
import { useEvery } from '../../../shared/use-every.ts';
import { type Point, pointPath } from '../../view.ts';
import { t } from './messages.ts';

const ASKED_EVERY_MS = 300_000;
/** Less than that is no difference. */
const AS_USUAL = 0.02;
const COMPARED = { low: 'lessThanUsual', normal: 'asUsual', high: 'moreThanUsual' } as const;

/** The day that is going on: energy, money, beside a usual day, and how far the readings go. */
export function TodayCard({ caller, point }: { readonly caller: Caller; readonly point: Point }) {
  const path = pointPath(point.usagePoint, 'today');
  const today = useLoad(() => caller.request<Today>({ path }), [caller, path], {
    keep: { store: offlineStore, name: `today:${point.usagePoint}` },
  });
  useEvery(ASKED_EVERY_MS, () => void today.reload(), [today]);
  return (
    <Card title={t('today')} actions={<a href={hrefOf(['usage'])}>{t('seeUsage')}</a>}>
      <LoadedView of={today}>{(value) => <TodaySoFar today={value} />}</LoadedView>
    </Card>
  );
}

function TodaySoFar({ today }: { readonly today: Today }) {
  if (today.readingsUntil === null) return <p class="soft">{t('noReadings')}</p>;
  return (
    <>
      <p class="small soft">{localDate(today.day, { weekday: true })}</p>
      <div class="price-now">
        <span class="figure-large">{energy(today.importWh)}</span>
        <span class="soft">{t('usedToday')}</span>
      </div>
      <Compared today={today} />
      <dl class="facts">
        <div>
          <dt>{t('spentToday')}</dt>
          <dd>{today.costMicro === null ? t('noCost') : money(today.costMicro, today.currency)}</dd>
        </div>
        {today.exportWh !== null && (
          <div>
            <dt>{t('fedIn')}</dt>
            <dd>{energy(today.exportWh)}</dd>
          </div>
        )}
      </dl>
      <p class="small soft">{freshnessText(today)}</p>
    </>
  );
}

/** Beside the same time of a usual day. */
function Compared({ today: { day, importWh, usual } }: { readonly today: Today }) {
  if (usual === null || usual.importWh === 0) return <p class="soft">{t('usualUnknown')}</p>;
  const share = importWh / usual.importWh - 1;
  const named = { share: percent(Math.abs(share)), weekday: weekday(`${day}T12:00:00Z`, { zone: 'UTC' }) };
  const level = Math.abs(share) < AS_USUAL ? 'normal' : share > 0 ? 'high' : 'low';
  return (
    <p class="with-icon">
      <span class={`level-${level}`}>
        <Icon name={level} />
      </span>
      {t(COMPARED[level], named)}
    </p>
  );
}

/** How far the readings go and what they are worth. */
function freshnessText({ readingsUntil, quality, expected, zone }: Today): string {
  const until = t('readingsUntil', { time: readingsUntil === null ? '–' : time(readingsUntil, { zone }) });
  const there = quality.measured + quality.estimated + quality.edited;
  const said =
    quality.estimated > 0 ? t('readingsEstimated', { n: quality.estimated, of: count(there) }) : t('readingsWhole', { n: count(there) });
  const missing = expected - there;
  return `${until}; ${said}${missing > 0 ? `; ${t('readingsMissing', { count: count(missing) })}` : ''}.`;
}
