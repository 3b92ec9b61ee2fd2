import { useMemo } from 'preact/hooks';
import { price, time, weekday } from '../../../shared/format.ts';
import type { PriceFollower } from '../../../shared/signed-price/follow-prices.ts';
import { type ShownPrice, upcomingFrom } from '../../../shared/signed-price/shown.ts';
import { Bars } from '../../../shared/ui/bars.tsx';
import type { Bar } from '../../../shared/ui/bars-geometry.ts';
import { Card } from '../../../shared/ui/card.tsx';
import { CheapestTimes } from './cheapest-times.tsx';
import { t } from './messages.ts';

interface UpcomingCardProps {
  readonly follower: PriceFollower;
  /** UTC s. */
  readonly at: number;
  readonly zone: string;
}

/** Verified prices of the next 24 hours; without any it is not there, and the card beside it says why. */
export function UpcomingCard({ follower, at, zone }: UpcomingCardProps) {
  const followed = follower.state.value;
  const upcoming = followed.state === 'known' ? upcomingFrom(followed.prices, at) : [];
  const [first] = upcoming;
  // New bars for a new interval, not for every tick of the clock.
  const bars = useMemo(() => upcoming.map((slot) => barOf(slot, zone)), [followed, first?.from, upcoming.length, zone]);
  if (first === undefined) return null;
  const text = (micro: number) => price(Math.round(micro), first.currency);
  return (
    <Card title={t('upcoming')} className="card-wide">
      <div class="upcoming">
        <Bars
          caption={t('upcomingCaption')}
          bars={bars}
          valueText={text}
          tickText={(micro) => price(Math.round(micro), first.currency, 2)}
          heads={{ title: t('upcomingTime'), value: t('upcomingPrice') }}
          areReadings={false}
        />
        <CheapestTimes upcoming={upcoming} at={at} zone={zone} />
      </div>
    </Card>
  );
}

function barOf({ from, until, priceMicroPerKWh, level }: ShownPrice, zone: string): Bar {
  const [begin, end] = [from * 1000, until * 1000];
  const title = `${weekday(begin, { zone, style: 'short' })} ${time(begin, { zone })} – ${time(end, { zone })}, ${t(level).toLocaleLowerCase()}`;
  return { key: String(from), label: time(begin, { zone }), title, value: priceMicroPerKWh, mark: 'measured' };
}
