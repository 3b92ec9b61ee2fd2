import { useNow } from '../../../shared/ui/use-now.ts';
import type { ViewProps } from '../../view.ts';
import { t } from './messages.ts';
import { NowCard } from './now-card.tsx';
import { TodayCard } from './today-card.tsx';
import { UpcomingCard } from './upcoming-card.tsx';
import { useFollower } from './use-follower.ts';

const TICK_MS = 5_000;

/** Price now and next, and today so far. */
export function Home({ caller, config, point }: ViewProps) {
  const follower = useFollower(config.priceKeysRoot, point.priceZone);
  const at = Math.floor(useNow(TICK_MS) / 1000);
  return (
    <>
      <h1>{t('title')}</h1>
      <div class="cards">
        <NowCard point={point} follower={follower} at={at} />
        <TodayCard caller={caller} point={point} />
        {follower !== undefined && <UpcomingCard follower={follower} at={at} zone={point.zone} />}
      </div>
    </>
  );
}
