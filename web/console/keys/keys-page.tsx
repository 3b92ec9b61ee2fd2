import type { KeysView } from '../../../api/console.ts';
import { useLoad } from '../../shared/load.ts';
import { Empty } from '../../shared/ui/empty.tsx';
import { Table } from '../../shared/ui/table.tsx';
import { instantText } from '../dates.ts';
import { now, useDesk } from '../desk.ts';
import { ask } from '../model/calls.ts';
import { type Ending, endingsOf } from '../model/ends.ts';
import { t } from '../text.ts';
import { Await, Freshness } from '../ui/await.tsx';
import { EndStatus } from '../ui/end-status.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { TimesOf } from '../ui/times-of.tsx';
import { When } from '../ui/when.tsx';

/** Keys and certificates, by when they end. */
export function KeysPage() {
  const { requests } = useDesk();
  const keys = useLoad(() => ask(requests, 'showKeys'), [requests]);
  return (
    <>
      <header class="page-head">
        <h1>{t('page.keys')}</h1>
        <Freshness from={keys} />
      </header>
      <Await from={keys}>
        {(view) => (
          <>
            <TimesOf zone={view.zone} />
            <Endings endings={endingsOf(view, now.value)} zone={view.zone} />
            <Generations view={view} />
          </>
        )}
      </Await>
    </>
  );
}

function Endings({ endings, zone }: { endings: readonly Ending[]; zone: string }) {
  if (endings.length === 0) return <Empty title={t('keys.none')} />;
  return (
    <Panel title={t('keys.ends')} wide>
      <Table
        caption={t('keys.ends')}
        captionHidden
        columns={[t('keys.name'), t('keys.kind'), t('keys.of'), t('keys.at'), t('column.status')].map((label) => ({ label }))}
        rows={endings.map((ending) => ({ key: `${ending.kind} ${ending.name} ${ending.at}`, cells: cellsOf(ending, zone) }))}
      />
    </Panel>
  );
}

function cellsOf({ kind, name, of, generation, at, state }: Ending, zone: string) {
  return [
    <Name key="name" of={name} generation={generation} />,
    <span key="kind" class="status">
      <Icon name={kind} />
      <span>{t(`keys.kind.${kind}`)}</span>
    </span>,
    of,
    at === null ? '–' : <When key="at" at={at} zone={zone} />,
    <EndStatus key="end" state={state} at={undefined} />,
  ];
}

/** A word is not broken, however narrow the column. */
function Name({ of, generation }: { of: string; generation: number | undefined }) {
  if (generation === undefined) return <span class="nowrap">{of}</span>;
  return (
    <>
      <span class="nowrap">{of},</span> <span class="nowrap">{t('keys.generation', { n: generation })}</span>
    </>
  );
}

function Generations({ view: { manifest, keys, zone } }: { view: KeysView }) {
  const rows = keys.flatMap(({ key, generations }) =>
    generations.map(({ generation, since, until, current }) => ({
      key: `${key} ${generation}`,
      cells: [
        key,
        current ? `${generation}, ${t('keys.current')}` : generation,
        <When key="since" at={since} zone={zone} />,
        until === null ? '–' : <When key="until" at={until} zone={zone} />,
      ],
    })),
  );
  return (
    <Panel title={t('keys.generations')} wide>
      <p>
        {manifest === null
          ? t('keys.manifest.none')
          : t('keys.manifest', {
              version: manifest.version,
              at: manifest.issuedAt === null ? t('unknown') : instantText(manifest.issuedAt, zone),
            })}
      </p>
      <Table
        caption={t('keys.generations')}
        captionHidden
        columns={[t('keys.key'), t('keys.number'), t('keys.since'), t('keys.until')].map((label) => ({ label }))}
        rows={rows}
      />
    </Panel>
  );
}
