import { price, time } from '../../../shared/format.ts';
import type { FollowedPrices, PriceFollower } from '../../../shared/signed-price/follow-prices.ts';
import { nextChange, type ShownPrice, shownAt, upcomingFrom } from '../../../shared/signed-price/shown.ts';
import { Banner } from '../../../shared/ui/banner.tsx';
import { Button } from '../../../shared/ui/button.tsx';
import { Card } from '../../../shared/ui/card.tsx';
import { Empty } from '../../../shared/ui/empty.tsx';
import { Icon } from '../../../shared/ui/icon.tsx';
import { t as shared } from '../../../shared/ui/messages.ts';
import { Skeleton } from '../../../shared/ui/skeleton.tsx';
import type { Point } from '../../view.ts';
import { t } from './messages.ts';
import { VerifiedDetails } from './verified-details.tsx';

interface NowCardProps {
  readonly point: Point;
  /** Of the point's zone of prices, where it has one. */
  readonly follower: PriceFollower | undefined;
  /** UTC s. */
  readonly at: number;
}

/** The price of the moment, as far as this device could verify it. */
export function NowCard({ point: { tariff, zone }, follower, at }: NowCardProps) {
  if (follower === undefined) {
    return (
      <Card title={t('now')}>
        {tariff === null ? (
          <Empty title={t('noTariff')} />
        ) : (
          <Empty title={t('noLivePrice')}>{t('noLivePriceHint', { tariff: tariff.name })}</Empty>
        )}
      </Card>
    );
  }
  const followed = follower.state.value;
  return (
    <Card title={t('now')}>
      {followed.state === 'loading' ? <Skeleton lines={4} /> : <KnownPrice followed={followed} at={at} zone={zone} follower={follower} />}
    </Card>
  );
}

interface KnownPriceProps {
  readonly followed: Extract<FollowedPrices, { state: 'known' }>;
  /** UTC s. */
  readonly at: number;
  readonly zone: string;
  readonly follower: PriceFollower;
}

function KnownPrice({ followed: { prices, isReached }, at, zone, follower }: KnownPriceProps) {
  const shown = shownAt(prices, at);
  const upcoming = upcomingFrom(prices, at);
  const again = (
    <Button kind="quiet" onClick={() => void follower.refresh()}>
      {shared('tryAgain')}
    </Button>
  );
  const warning =
    prices.faults.length > 0 ? t(shown === undefined ? 'unverifiedNothing' : 'unverified') : isReached ? undefined : t('priceOffline');
  return (
    <>
      {warning !== undefined && (
        <Banner tone="warning" action={again}>
          {warning}
        </Banner>
      )}
      {shown === undefined ? (
        <Empty title={t('noPrice')}>{t('noPriceHint')}</Empty>
      ) : (
        <>
          <CurrentPrice shown={shown} upcoming={upcoming} zone={zone} />
          {shown.source === 'live' && prices.live !== undefined && <VerifiedDetails live={prices.live} zone={zone} />}
        </>
      )}
    </>
  );
}

interface CurrentPriceProps {
  readonly shown: ShownPrice;
  readonly upcoming: readonly ShownPrice[];
  readonly zone: string;
}

function CurrentPrice({ shown, upcoming, zone }: CurrentPriceProps) {
  const next = nextChange(upcoming);
  const change =
    next === undefined
      ? t('noChange')
      : t('nextChange', {
          time: time(next.from * 1000, { zone }),
          price: price(next.priceMicroPerKWh, shown.currency),
          level: t(next.level).toLocaleLowerCase(),
        });
  return (
    <div class="stack">
      <div class="price-now">
        <span class="figure-large">{price(shown.priceMicroPerKWh, shown.currency)}</span>
        <span class="soft">{t('perKWh')}</span>
      </div>
      <div class="row">
        <span class={`pill level-${shown.level}`}>
          <Icon name={shown.level} />
          {t(shown.level)}
        </span>
        {shown.source === 'day-ahead' && (
          <span class="pill level-high">
            <Icon name="warning" />
            {t('notLive')}
          </span>
        )}
      </div>
      <p class="number">
        {t('until', { time: time(shown.until * 1000, { zone }) })} {change}
      </p>
      {shown.source === 'day-ahead' && <p class="small soft">{t('notLiveText')}</p>}
    </div>
  );
}
