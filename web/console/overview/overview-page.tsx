import type { Overview } from '../../../api/console.ts';
import { useLoad } from '../../shared/load.ts';
import { hrefOf } from '../../shared/router.ts';
import { useEvery } from '../../shared/use-every.ts';
import { useDesk } from '../desk.ts';
import { ask } from '../model/calls.ts';
import { type PageName, pagesFor } from '../model/pages.ts';
import { t } from '../text.ts';
import { Await, Freshness } from '../ui/await.tsx';
import { Panel } from '../ui/panel.tsx';
import { TimesOf } from '../ui/times-of.tsx';
import { DeliveryStrip } from './delivery-strip.tsx';
import { CertificatesTile, DeadLettersTile, ExceptionsTile, FeedsTile, SecurityTile, ValidationTile } from './tiles.tsx';

const REFRESH_MS = 30_000;

/** How the service stands, anew every half minute. */
export function OverviewPage() {
  const { requests, role } = useDesk();
  const overview = useLoad(() => ask(requests, 'showOverview'), [requests]);
  useEvery(REFRESH_MS, () => void overview.reload(), [overview]);
  return (
    <>
      <header class="page-head">
        <h1>{t('page.overview')}</h1>
        <Freshness from={overview} />
      </header>
      <Await from={overview}>
        {(value) => (
          <>
            <TimesOf zone={value.zone} />
            <Tiles overview={value} pages={pagesFor(role)} />
          </>
        )}
      </Await>
    </>
  );
}

/** A tile leads to its page where the person may go there. */
function Tiles({ overview, pages }: { overview: Overview; pages: readonly PageName[] }) {
  const to = (page: PageName, query: Readonly<Record<string, string>> = {}) => (pages.includes(page) ? hrefOf([page], query) : undefined);
  return (
    <div class="tiles">
      <Panel title={t('overview.delivery')} href={to('ingest')} wide>
        <DeliveryStrip {...overview} />
      </Panel>
      <Panel title={t('overview.validation')} href={to('exceptions')}>
        <ValidationTile validation={overview.validation} />
      </Panel>
      <Panel title={t('overview.exceptions')} href={to('exceptions', { status: 'open' })}>
        <ExceptionsTile exceptions={overview.exceptions} zone={overview.zone} />
      </Panel>
      <Panel title={t('overview.certificates')} href={to('keys')}>
        <CertificatesTile certificates={overview.certificates} />
      </Panel>
      <Panel title={t('overview.security')} href={to('audit')}>
        <SecurityTile security={overview.security} quarantined={overview.quarantined} />
      </Panel>
      <Panel title={t('overview.dead')} href={to('ingest')}>
        <DeadLettersTile queues={overview.deadLetters} />
      </Panel>
      <Panel title={t('overview.feeds')} href={to('feeds')} wide>
        <FeedsTile feeds={overview.feeds} />
      </Panel>
    </div>
  );
}
