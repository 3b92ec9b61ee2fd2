import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { STREAM_FAMILIES, type StreamFamily } from '../../../topology/stream-families.ts';
import { count } from '../../shared/format.ts';
import { pause } from '../../shared/patience.ts';
import { Banner } from '../../shared/ui/banner.tsx';
import { Button } from '../../shared/ui/button.tsx';
import { Table } from '../../shared/ui/table.tsx';
import { useDesk } from '../desk.ts';
import { verifyFamilies, type Walk, type WalkEnd } from '../model/verification.ts';
import { t } from '../text.ts';
import { Refused } from '../ui/await.tsx';
import { Select } from '../ui/field.tsx';
import { Panel } from '../ui/panel.tsx';

type Family = StreamFamily | 'all';

/** Has the service read its streams again, and says plainly what came of it. */
export function Verification() {
  const { requests } = useDesk();
  const family = useSignal<Family>('all');
  const walk = useSignal<Walk | undefined>(undefined);
  const end = useSignal<WalkEnd | undefined>(undefined);
  const stopped = useRef(false);
  const leave = () => {
    stopped.current = true;
  };
  useEffect(() => leave, []);
  const start = async () => {
    stopped.current = false;
    end.value = undefined;
    const families = family.value === 'all' ? STREAM_FAMILIES : [family.value];
    walk.value = { streams: 0, commits: 0, faults: [], families: 0, of: families.length, family: families[0] };
    const onProgress = (next: Walk) => {
      walk.value = next;
    };
    end.value = await verifyFamilies({ requests, pause, onProgress, stopped: () => stopped.current }, families);
    walk.value = undefined;
  };
  return (
    <Panel title={t('audit.verify')} wide>
      <p class="soft">{t('audit.verify.about')}</p>
      <div class="row low">
        <Select<Family>
          label={t('audit.verify.family')}
          value={family.value}
          options={[['all', t('audit.verify.all')], ...STREAM_FAMILIES.map((each) => [each, each] as const)]}
          onChoose={(chosen) => {
            family.value = chosen;
          }}
        />
        {walk.value === undefined ? (
          <Button kind="primary" onClick={() => void start()}>
            {t('audit.verify.start')}
          </Button>
        ) : (
          <Button onClick={leave}>{t('audit.verify.stop')}</Button>
        )}
      </div>
      {walk.value !== undefined && <Progress walk={walk.value} />}
      {end.value !== undefined && <VerdictView end={end.value} />}
    </Panel>
  );
}

function Progress({ walk }: { walk: Walk }) {
  const words = t('audit.verify.progress', { ...told(walk), family: walk.family ?? '' });
  return (
    <>
      <progress max={walk.of} value={walk.families} aria-label={words} />
      <p role="status">{words}</p>
    </>
  );
}

const TONES = { whole: 'good', faulty: 'error', empty: 'warning', 'cut-short': 'warning' } as const;

function VerdictView({ end: { walk, verdict, refusal } }: { end: WalkEnd }) {
  return (
    <>
      <Banner tone={TONES[verdict]}>
        <p>
          <strong>{t(`verdict.${verdict}`)}</strong>
        </p>
        <p>{t('audit.verify.totals', told(walk))}</p>
      </Banner>
      {refusal !== undefined && <Refused refusal={refusal} />}
      {walk.faults.length > 0 && (
        <Table
          caption={t('audit.faults')}
          columns={[
            { label: t('audit.fault.stream') },
            { label: t('audit.fault.version'), align: 'end' },
            { label: t('audit.fault.what') },
          ]}
          rows={walk.faults.map(({ stream, version, fault }) => ({ key: `${stream} ${version}`, cells: [stream, version, fault] }))}
        />
      )}
    </>
  );
}

function told({ families, of, streams, commits }: Walk) {
  return { families, of, streams: count(streams), commits: count(commits) };
}
