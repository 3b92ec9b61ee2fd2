import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { AuditPage as Told } from '../../../api/console.ts';
import { go, hrefOf, place } from '../../shared/router.ts';
import type { Refusal } from '../../shared/session.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Empty } from '../../shared/ui/empty.tsx';
import { Skeleton } from '../../shared/ui/skeleton.tsx';
import { dayText, instantText } from '../dates.ts';
import { UTC, useDesk } from '../desk.ts';
import type { AuditEntry } from '../model/audit-export.ts';
import { ask } from '../model/calls.ts';
import { t } from '../text.ts';
import { Refused } from '../ui/await.tsx';
import { DateField } from '../ui/field.tsx';
import { Panel } from '../ui/panel.tsx';
import { AuditTable } from './audit-table.tsx';
import { Export } from './export.tsx';
import { Reconciled } from './reconciled.tsx';
import { SignIns } from './sign-ins.tsx';
import { Verification } from './verification.tsx';

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Who opened whose data, on one day; and whether everything is as it was recorded. */
export function AuditPage() {
  const asked = place.value.query.get('day') ?? '';
  const day = DAY.test(asked) && !Number.isNaN(Date.parse(asked)) ? asked : new Date().toISOString().slice(0, 10);
  return (
    <>
      <h1>{t('page.audit')}</h1>
      <p class="soft small">{t('audit.clock')}</p>
      <Panel title={t('audit.list.of', { day: dayText(day) })} wide>
        <div class="row low">
          <DateField
            label={t('audit.day')}
            value={day}
            onDate={(next) => {
              if (DAY.test(next)) go(hrefOf(['audit'], { day: next }), { replace: true });
            }}
          />
          <Export day={day} />
        </div>
        <Accesses key={day} day={day} />
      </Panel>
      <SignIns key={day.slice(0, 7)} month={day.slice(0, 7)} />
      <Verification />
    </>
  );
}

interface Shown {
  readonly entries: readonly AuditEntry[];
  readonly cursor: string | undefined;
  readonly log: Told['log'];
  readonly reconciled: Told['reconciled'];
}

/** Page by page. */
function Accesses({ day }: { day: string }) {
  const { requests } = useDesk();
  const shown = useSignal<Shown | undefined>(undefined);
  const refusal = useSignal<Refusal | undefined>(undefined);
  const more = async () => {
    const reply = await ask(requests, 'listAudit', {}, { query: { day, cursor: shown.value?.cursor } });
    refusal.value = reply.ok ? undefined : reply;
    if (!reply.ok) return;
    const { entries, cursor, log, reconciled } = reply.body;
    const before = shown.value;
    shown.value = { entries: [...(before?.entries ?? []), ...entries], cursor, log, reconciled: before?.reconciled ?? reconciled };
  };
  useEffect(() => void more(), [day]);
  if (refusal.value !== undefined) return <Refused refusal={refusal.value} retry={more} />;
  if (shown.value === undefined) return <Skeleton />;
  const { entries, cursor, log, reconciled } = shown.value;
  return (
    <>
      <LogStanding log={log} />
      {reconciled !== undefined && <Reconciled day={reconciled} />}
      {entries.length === 0 ? <Empty title={t('audit.none')} /> : <Entries entries={entries} cursor={cursor} more={more} />}
    </>
  );
}

interface EntriesProps extends Pick<Shown, 'entries' | 'cursor'> {
  readonly more: () => Promise<void>;
}

function Entries({ entries, cursor, more }: EntriesProps) {
  return (
    <>
      <AuditTable entries={entries} />
      <div class="row">
        <p role="status">{t(cursor === undefined ? 'audit.shown' : 'audit.shown.more', { n: entries.length })}</p>
        {cursor !== undefined && <Button onClick={() => void more()}>{t('audit.more')}</Button>}
      </div>
    </>
  );
}

/** What vouches for the store as a whole. */
function LogStanding({ log }: Pick<Shown, 'log'>) {
  if (log === undefined) return null;
  return (
    <p>
      {log === null ? t('audit.log.refused') : t('audit.log', { size: log.size, at: instantText(log.at, UTC.zone), age: log.ageSeconds })}
    </p>
  );
}
