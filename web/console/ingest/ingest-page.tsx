import { useSignal } from '@preact/signals';
import type { IngestView } from '../../../api/console.ts';
import { ago, count } from '../../shared/format.ts';
import { useLoad } from '../../shared/load.ts';
import type { Refusal } from '../../shared/session.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Empty } from '../../shared/ui/empty.tsx';
import { Table } from '../../shared/ui/table.tsx';
import { dayOfInstant } from '../dates.ts';
import { now, useDesk } from '../desk.ts';
import { ask } from '../model/calls.ts';
import { worstFirst } from '../model/delivery.ts';
import { endState } from '../model/ends.ts';
import { t } from '../text.ts';
import { Await, Freshness, Refused } from '../ui/await.tsx';
import { EndStatus } from '../ui/end-status.tsx';
import { Panel } from '../ui/panel.tsx';
import { SuccessSpark } from './success-spark.tsx';

/** What came through each concentrator, the worst of what was read on top. */
export function IngestPage() {
  const { requests } = useDesk();
  const ingest = useLoad(() => ask(requests, 'showIngest'), [requests]);
  return (
    <>
      <header class="page-head">
        <h1>{t('page.ingest')}</h1>
        <Freshness from={ingest} />
      </header>
      <Await from={ingest}>{(view) => <Concentrators key={view.asOf} first={view} />}</Await>
    </>
  );
}

/** The first page of the service, and those that were asked for after it. */
function Concentrators({ first }: { first: IngestView }) {
  const { requests } = useDesk();
  const pages = useSignal<readonly IngestView[]>([first]);
  const refusal = useSignal<Refusal | undefined>(undefined);
  const concentrators = pages.value.flatMap((page) => page.concentrators);
  const cursor = pages.value.at(-1)?.cursor;
  const more = async () => {
    const reply = await ask(requests, 'showIngest', {}, { query: { cursor } });
    refusal.value = reply.ok ? undefined : reply;
    if (reply.ok) pages.value = [...pages.value, reply.body];
  };
  if (concentrators.length === 0) return <Empty title={t('ingest.none')} />;
  return (
    <Panel title={t('ingest.concentrators')} wide>
      <p class="soft small">{t('ingest.about', { zone: first.zone })}</p>
      <ConcentratorTable concentrators={concentrators} zone={first.zone} />
      {refusal.value !== undefined && <Refused refusal={refusal.value} />}
      {cursor !== undefined && (
        <div class="row">
          <p role="status">{t('ingest.shown', { n: concentrators.length })}</p>
          <Button onClick={() => void more()}>{t('ingest.more')}</Button>
        </div>
      )}
    </Panel>
  );
}

const LAYERS = ['transport', 'crypto', 'schema', 'vee'] as const;

function ConcentratorTable({ concentrators, zone }: Pick<IngestView, 'concentrators' | 'zone'>) {
  return (
    <Table
      caption={t('ingest.concentrators')}
      captionHidden
      columns={[
        { label: t('ingest.id') },
        { label: t('ingest.success') },
        { label: t('ingest.meters'), align: 'end' },
        ...LAYERS.map((layer) => ({ label: t(`ingest.${layer}`), align: 'end' as const })),
        { label: t('ingest.seen') },
        { label: t('ingest.certificate') },
      ]}
      rows={worstFirst(concentrators).map((one) => ({ key: one.dcId, cells: cellsOf(one, zone) }))}
    />
  );
}

function cellsOf(one: IngestView['concentrators'][number], zone: string) {
  const { dcId, meters, lastSeen, certificateUntil, failures } = one;
  return [
    dcId,
    <SuccessSpark key="spark" of={one} />,
    count(meters),
    ...LAYERS.map((layer) => (failures[layer] === 0 ? <span class="soft">0</span> : <strong key={layer}>{count(failures[layer])}</strong>)),
    <span key="seen" class="nowrap">
      {lastSeen === null ? t('ingest.never') : ago(Date.parse(lastSeen), now.value)}
    </span>,
    certificateUntil === null ? (
      '–'
    ) : (
      <EndStatus key="end" state={endState(certificateUntil, now.value)} at={dayOfInstant(certificateUntil, zone)} />
    ),
  ];
}
