import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ExceptionRow } from '../../../api/exceptions.ts';
import { pause } from '../../shared/patience.ts';
import type { Refusal } from '../../shared/session.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Dialog } from '../../shared/ui/dialog.tsx';
import { Skeleton } from '../../shared/ui/skeleton.tsx';
import { useDesk } from '../desk.ts';
import { type BulkOrder, type BulkResult, placesOf, runBulk, wholeRows } from '../model/bulk.ts';
import { type EditMethod, METHODS, reasonedOf, reasonFaults } from '../model/edit-form.ts';
import type { DayPlace } from '../model/versioned.ts';
import { t } from '../text.ts';
import { Refused } from '../ui/await.tsx';
import { Select } from '../ui/field.tsx';
import { Faults, ReasonFields, type Reasoning } from '../ui/reason-fields.tsx';
import { BulkResults } from './bulk-results.tsx';

interface BulkDialogProps {
  readonly kind: BulkOrder['kind'];
  readonly rows: readonly ExceptionRow[];
  readonly onClose: () => void;
}

/** One order for all meter days of some rows: what it is about, how far it is, and what came of each. */
export function BulkDialog({ kind, rows, onClose }: BulkDialogProps) {
  const { requests } = useDesk();
  const places = useSignal<readonly DayPlace[] | undefined>(undefined);
  const refusal = useSignal<Refusal | undefined>(undefined);
  const results = useSignal<readonly BulkResult[] | undefined>(undefined);
  const running = useSignal(false);
  const stopped = useRef(false);
  const stop = () => {
    stopped.current = true;
  };
  useEffect(() => {
    void wholeRows(requests, rows).then((whole) => {
      if ('ok' in whole) refusal.value = whole;
      else places.value = placesOf(whole);
    });
    return stop;
  }, []);
  const run = async (order: BulkOrder) => {
    stopped.current = false;
    running.value = true;
    results.value = [];
    const onResult = (result: BulkResult) => {
      results.value = [...(results.value ?? []), result];
    };
    const tools = { requests, pause, onResult, newKey: () => crypto.randomUUID(), stopped: () => stopped.current };
    await runBulk(tools, places.value ?? [], order);
    running.value = false;
  };
  const end = running.value ? <Button onClick={stop}>{t('bulk.stop')}</Button> : <Button onClick={onClose}>{t('close')}</Button>;
  return (
    <Dialog open title={t(`bulk.${kind}`)} onClose={onClose} actions={end}>
      {refusal.value !== undefined && <Refused refusal={refusal.value} />}
      {places.value === undefined && refusal.value === undefined && <Skeleton />}
      {places.value !== undefined && results.value === undefined && (
        <OrderForm kind={kind} days={places.value.length} onOrder={(order) => void run(order)} />
      )}
      {results.value !== undefined && <BulkResults results={results.value} of={places.value?.length ?? 0} running={running.value} />}
    </Dialog>
  );
}

function OrderForm({ kind, days, onOrder }: { kind: BulkOrder['kind']; days: number; onOrder: (order: BulkOrder) => void }) {
  const method = useSignal<EditMethod>('E4');
  const words = useSignal<Reasoning>({ reason: kind === 'accept' ? 'validation-too-strict' : 'communication-fault', note: '' });
  const isTold = useSignal(false);
  const order = (event: Event) => {
    event.preventDefault();
    const reasoned = reasonedOf(words.value);
    isTold.value = reasoned === undefined;
    if (reasoned !== undefined) onOrder({ kind, method: method.value, ...reasoned });
  };
  return (
    <form class="stack" onSubmit={order} noValidate>
      <p>{t('bulk.about', { n: days })}</p>
      {kind === 'estimate' && (
        <Select
          label={t('bulk.method')}
          value={method.value}
          options={METHODS.map((each) => [each, t(`method.${each}`)])}
          onChoose={(chosen) => {
            method.value = chosen;
          }}
        />
      )}
      <ReasonFields words={words} />
      {isTold.value && <Faults faults={reasonFaults(words.value)} />}
      <Button kind="primary" type="submit" disabled={days === 0}>
        {t('bulk.start')}
      </Button>
    </form>
  );
}
