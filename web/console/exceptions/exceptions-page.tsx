import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { ExceptionRow } from '../../../api/exceptions.ts';
import { go, hrefOf, place } from '../../shared/router.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Empty } from '../../shared/ui/empty.tsx';
import { Skeleton } from '../../shared/ui/skeleton.tsx';
import { UTC, useDesk } from '../desk.ts';
import type { BulkOrder } from '../model/bulk.ts';
import { mayCall } from '../model/calls.ts';
import { listAction } from '../model/key-map.ts';
import { filterOf } from '../model/queue-filter.ts';
import { t } from '../text.ts';
import { Refused } from '../ui/await.tsx';
import { TimesOf } from '../ui/times-of.tsx';
import { BulkDialog } from './bulk-dialog.tsx';
import { Filters } from './filters.tsx';
import { KeysDialog } from './keys-dialog.tsx';
import { Queue } from './queue-state.ts';
import { QueueTable } from './queue-table.tsx';

/** What a dialog is open for. */
type Open = { readonly kind: BulkOrder['kind']; readonly rows: readonly ExceptionRow[] } | 'keys' | undefined;

/** Days that a person should look at, grouped by reason; everything can be done by keys. */
export function ExceptionsPage() {
  const { requests, role } = useDesk();
  const mayEdit = mayCall(role, 'editDay');
  const filter = filterOf(place.value.query);
  const queue = useMemo(() => new Queue(requests, filter), [requests, JSON.stringify(filter)]);
  const open = useSignal<Open>(undefined);
  useEffect(() => void queue.reload(), [queue]);
  useQueueKeys(queue, open, mayEdit);
  const close = () => {
    const wasBulk = typeof open.value === 'object';
    open.value = undefined;
    if (wasBulk) void queue.reload();
  };
  const bulk = (kind: BulkOrder['kind']) => {
    open.value = { kind, rows: queue.targets() };
  };
  return (
    <>
      <h1>{t('page.exceptions')}</h1>
      <Filters filter={filter} />
      <Actions queue={queue} {...(mayEdit && { onBulk: bulk })} onKeys={() => (open.value = 'keys')} />
      {queue.refusal.value !== undefined && <Refused refusal={queue.refusal.value} retry={() => void queue.reload()} />}
      <Rows queue={queue} />
      {typeof open.value === 'object' && <BulkDialog kind={open.value.kind} rows={open.value.rows} onClose={close} />}
      <KeysDialog open={open.value === 'keys'} onClose={close} />
    </>
  );
}

function Rows({ queue }: { queue: Queue }) {
  const rows = queue.rows.value;
  if (rows === undefined) return queue.refusal.value === undefined ? <Skeleton lines={6} /> : null;
  if (rows.length === 0) return <Empty title={t('exceptions.none')}>{t('exceptions.none.hint')}</Empty>;
  return (
    <>
      <TimesOf {...UTC} />
      <QueueTable queue={queue} rows={rows} onOpen={(row) => openRow(queue, row)} />
      {queue.next.value !== undefined && (
        <div>
          <Button onClick={() => void queue.more()}>{t('exceptions.more')}</Button>
        </div>
      )}
    </>
  );
}

interface ActionsProps {
  readonly queue: Queue;
  /** Absent for somebody who only looks. */
  readonly onBulk?: (kind: BulkOrder['kind']) => void;
  readonly onKeys: () => void;
}

function Actions({ queue, onBulk, onKeys }: ActionsProps) {
  const [rows, selected] = [queue.rows.value?.length ?? 0, queue.selected.value.size];
  return (
    <div class="row actions">
      <p role="status">{selected === 0 ? t('exceptions.rows', { n: rows }) : t('exceptions.selected', { n: selected })}</p>
      {onBulk !== undefined && (
        <>
          <Button disabled={rows === 0} onClick={() => onBulk('estimate')}>
            {t('exceptions.estimate')}
          </Button>
          <Button disabled={rows === 0} onClick={() => onBulk('accept')}>
            {t('exceptions.accept')}
          </Button>
        </>
      )}
      <Button kind="quiet" onClick={onKeys}>
        {t('exceptions.keys')}
      </Button>
      <span class="soft small wide-only">{t(onBulk === undefined ? 'exceptions.keys.hint.look' : 'exceptions.keys.hint')}</span>
    </div>
  );
}

/** Its only day, or the list of them. */
function openRow(queue: Queue, row: ExceptionRow): void {
  const [only] = row.exceptions;
  if (only !== undefined && row.exceptions.length === 1 && row.more === 0) go(hrefOf(['meter', only.meterId, only.day]));
  else queue.expanded.value = queue.expanded.value === row.row ? undefined : row.row;
}

/** Asks at each key whether a dialog is open: a key right behind the one that closed it is not lost to a page that was not drawn yet. */
function useQueueKeys(queue: Queue, open: Signal<Open>, mayEdit: boolean): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (open.peek() !== undefined) return;
      const action = listAction(event, controlOf(event.target));
      if (action === undefined) return;
      event.preventDefault();
      const here = queue.rows.value?.[queue.cursor.value];
      if (action === 'help') open.value = 'keys';
      else if (action === 'clear') queue.selected.value = new Set();
      else if (action === 'estimate' || action === 'accept') {
        if (mayEdit && queue.targets().length > 0) open.value = { kind: action, rows: queue.targets() };
      } else if (action === 'select' && here !== undefined) queue.toggle(here.row);
      else if (action === 'open' && here !== undefined) openRow(queue, here);
      else queue.move(action);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [queue, open, mayEdit]);
}

function controlOf(target: EventTarget | null): 'text' | 'button' | 'none' {
  if (!(target instanceof Element)) return 'none';
  if (target.closest('select, textarea, input:not([type=checkbox])') !== null) return 'text';
  return target.closest('button, a, summary') === null ? 'none' : 'button';
}
