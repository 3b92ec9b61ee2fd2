import { useSignal } from '@preact/signals';
import type { FeedsView } from '../../../api/console.ts';
import { ago, count } from '../../shared/format.ts';
import { useLoad } from '../../shared/load.ts';
import { Banner } from '../../shared/ui/banner.tsx';
import { Button } from '../../shared/ui/button.tsx';
import { Empty } from '../../shared/ui/empty.tsx';
import { Table } from '../../shared/ui/table.tsx';
import { now, useDesk } from '../desk.ts';
import { ask, mayCall } from '../model/calls.ts';
import { t } from '../text.ts';
import { Await, Freshness } from '../ui/await.tsx';
import { Panel } from '../ui/panel.tsx';
import { Status, type Tone } from '../ui/status.tsx';
import { ReplayDialog } from './replay-dialog.tsx';

export type Feed = FeedsView['feeds'][number];

/** What each audience is told, and how the push of it goes. */
export function FeedsPage() {
  const { requests, role } = useDesk();
  const feeds = useLoad(() => ask(requests, 'showFeeds'), [requests]);
  const replaying = useSignal<Feed | undefined>(undefined);
  const replayed = useSignal<string | undefined>(undefined);
  const choose = (feed: Feed) => {
    replaying.value = feed;
  };
  const done = (news: string | undefined) => {
    replaying.value = undefined;
    replayed.value = news;
    if (news !== undefined) void feeds.reload();
  };
  return (
    <>
      <header class="page-head">
        <h1>{t('page.feeds')}</h1>
        <Freshness from={feeds} />
      </header>
      {replayed.value !== undefined && <Banner tone="good">{replayed.value}</Banner>}
      <Await from={feeds}>{(view) => <FeedTable feeds={view.feeds} {...(mayCall(role, 'replayFeed') && { onReplay: choose })} />}</Await>
      {replaying.value !== undefined && <ReplayDialog feed={replaying.value} onDone={done} />}
    </>
  );
}

function FeedTable({ feeds, onReplay }: { feeds: readonly Feed[]; onReplay?: (feed: Feed) => void }) {
  if (feeds.length === 0) return <Empty title={t('feeds.none')} />;
  // Of the operator's areas alone.
  const isTold = feeds.some(({ revision }) => revision !== null);
  return (
    <Panel title={t('feeds.all')} wide>
      <Table
        caption={t('feeds.title')}
        captionHidden
        columns={[
          { label: t('overview.feed') },
          { label: t('feeds.audience') },
          { label: t('feeds.sequence'), align: 'end' },
          { label: t('overview.newest') },
          ...(isTold ? [{ label: t('feeds.completeness') }, { label: t('feeds.revision'), align: 'end' as const }] : []),
          { label: t('feeds.delivery') },
          { label: t('feeds.behind'), align: 'end' },
          { label: t('feeds.failures'), align: 'end' },
          ...(onReplay === undefined ? [] : [{ label: t('feeds.action') }]),
        ]}
        rows={feeds.map((feed) => ({
          key: feed.feed,
          cells: [...cellsOf(feed, isTold), ...(onReplay === undefined ? [] : [<Replay key="do" feed={feed} onReplay={onReplay} />])],
        }))}
      />
    </Panel>
  );
}

function cellsOf({ feed, audience, sequence, newest, completeness, revision, delivery }: Feed, isTold: boolean) {
  return [
    feed,
    <span key="audience" class="nowrap">
      {t(`audience.${audience}`)}
    </span>,
    count(sequence),
    <span key="newest" class="nowrap">
      {newest === null ? t('none') : ago(Date.parse(newest), now.value)}
    </span>,
    ...(isTold ? [completeness ?? '–', revision ?? '–'] : []),
    <Push key="push" delivery={delivery} />,
    delivery === null ? '–' : count(delivery.behind),
    delivery === null ? '–' : count(delivery.failures),
  ];
}

const TONES = { idle: 'good', delivering: 'wait', failing: 'bad', 'set-aside': 'bad', unset: 'idle' } as const satisfies Record<
  NonNullable<Feed['delivery']>['status'],
  Tone
>;

function Push({ delivery }: Pick<Feed, 'delivery'>) {
  if (delivery === null) return <span class="soft">{t('feeds.pull')}</span>;
  const { status, recipient, nextAttempt } = delivery;
  return (
    <>
      <Status tone={TONES[status]}>
        {recipient}: {t(`push.${status}`)}
      </Status>
      {nextAttempt !== null && <p class="soft small">{t('feeds.next', { at: ago(Date.parse(nextAttempt), now.value) })}</p>}
    </>
  );
}

function Replay({ feed, onReplay }: { feed: Feed; onReplay: (feed: Feed) => void }) {
  if (feed.delivery === null || feed.delivery.status === 'unset') return null;
  return (
    <Button kind="quiet" onClick={() => onReplay(feed)}>
      {t('feeds.replay')}
    </Button>
  );
}
