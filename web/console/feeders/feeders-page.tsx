import { useSignal } from '@preact/signals';
import type { FeedersView } from '../../../api/feeders.ts';
import { percent } from '../../shared/format.ts';
import { useLoad } from '../../shared/load.ts';
import { place } from '../../shared/router.ts';
import type { Refusal } from '../../shared/session.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Empty } from '../../shared/ui/empty.tsx';
import { useDesk } from '../desk.ts';
import { ask } from '../model/calls.ts';
import { unusualFirst } from '../model/feeders.ts';
import { t } from '../text.ts';
import { Await, Freshness, Refused } from '../ui/await.tsx';
import { Panel } from '../ui/panel.tsx';
import { AreaDays } from './area-days.tsx';
import { AreaTable } from './area-table.tsx';

/** The heads of the feeders beside the homes behind them, what is unusual on top; one area day by day. */
export function FeedersPage() {
  const { requests } = useDesk();
  const feeders = useLoad(() => ask(requests, 'showFeeders'), [requests]);
  return (
    <>
      <header class="page-head">
        <h1>{t('page.feeders')}</h1>
        <Freshness from={feeders} />
      </header>
      <Await from={feeders}>{(view) => <Feeders key={view.asOf} first={view} />}</Await>
    </>
  );
}

/** The first page of the service, and those that were asked for after it. */
function Feeders({ first }: { first: FeedersView }) {
  const { requests } = useDesk();
  const pages = useSignal<readonly FeedersView[]>([first]);
  const refusal = useSignal<Refusal | undefined>(undefined);
  const areas = unusualFirst(pages.value.flatMap((page) => page.areas));
  const cursor = pages.value.at(-1)?.cursor;
  const more = async () => {
    const reply = await ask(requests, 'showFeeders', {}, { query: { cursor } });
    refusal.value = reply.ok ? undefined : reply;
    if (reply.ok) pages.value = [...pages.value, reply.body];
  };
  const { zone, limits, withheld } = first;
  const chosen = areas.find(({ area }) => area === place.value.parts[1]) ?? areas[0];
  if (chosen === undefined) return <Empty title={t('feeders.none')} />;
  return (
    <>
      <Panel title={t('feeders.all')} wide>
        <p class="soft small">{t('feeders.about', { zone, above: shareOf(limits.above), below: shareOf(limits.below) })}</p>
        <AreaTable areas={areas} chosen={chosen.area} zone={zone} limits={limits} />
        <p class="soft small">
          {t('feeders.told')} {withheld.length > 0 && t('feeders.withheld', { names: withheld.join(', ') })}
        </p>
        {refusal.value !== undefined && <Refused refusal={refusal.value} />}
        {cursor !== undefined && (
          <div class="row">
            <p role="status">{t('feeders.shown', { n: areas.length })}</p>
            <Button onClick={() => void more()}>{t('feeders.more')}</Button>
          </div>
        )}
      </Panel>
      <AreaDays area={chosen} zone={zone} limits={limits} />
    </>
  );
}

/** @param perMille thousandths */
function shareOf(perMille: number): string {
  return percent(perMille / 1_000, { digits: 1 });
}
