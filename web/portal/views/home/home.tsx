import type { ViewProps } from '../../view.ts';
import { t } from './messages.ts';
import { NowCard } from './now-card.tsx';
import { TodayCard } from './today-card.tsx';

/** Price now, and today so far. */
export function Home({ caller, config, point }: ViewProps) {
  return (
    <>
      <h1>{t('title')}</h1>
      <div class="cards">
        <NowCard config={config} point={point} />
        <TodayCard caller={caller} point={point} />
      </div>
    </>
  );
}
