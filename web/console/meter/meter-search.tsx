import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { FoundMeters } from '../../../api/console.ts';
import { go, hrefOf } from '../../shared/router.ts';
import type { Refusal } from '../../shared/session.ts';
import { Button } from '../../shared/ui/button.tsx';
import { dayOfInstant } from '../dates.ts';
import { UTC, useDesk } from '../desk.ts';
import { ask } from '../model/calls.ts';
import { type SearchFault, wantedMeter } from '../model/meter-search.ts';
import { t } from '../text.ts';
import { Refused } from '../ui/await.tsx';
import { TextField } from '../ui/field.tsx';

type Found = FoundMeters['meters'];

/** A meter by its own id, or by the usage point or the account where it hangs: the only one is shown at once, of several one is chosen. @param wanted is looked for without a press of the button */
export function MeterSearch({ known, wanted: asked }: { known: string; wanted: string | undefined }) {
  const { requests } = useDesk();
  const text = useSignal(asked ?? known);
  const fault = useSignal<SearchFault | undefined>(undefined);
  const found = useSignal<Found>([]);
  const refusal = useSignal<Refusal | undefined>(undefined);
  const search = async (step: { replace: boolean }) => {
    const wanted = wantedMeter(text.value);
    [fault.value, found.value, refusal.value] = ['fault' in wanted ? wanted.fault : undefined, [], undefined];
    if ('meterId' in wanted) go(hrefOf(['meter', wanted.meterId]), step);
    if (!('of' in wanted)) return;
    const reply = await ask(requests, 'findMeters', {}, { query: { of: wanted.of } });
    if (!reply.ok) {
      refusal.value = reply;
      return;
    }
    const { meters } = reply.body;
    if (meters.length === 1) go(hrefOf(['meter', meters[0]!.meterId]), step);
    else if (meters.length === 0) fault.value = 'none';
    else found.value = meters;
  };
  // Whoever goes back comes to where the link was, not to the search that led on.
  useEffect(() => {
    if (asked !== undefined) void search({ replace: true });
  }, []);
  const submit = (event: Event) => {
    event.preventDefault();
    void search({ replace: false });
  };
  return (
    <>
      <form class="row search" onSubmit={submit} noValidate>
        <TextField
          label={t('meter.search')}
          value={text.value}
          hint={fault.value === undefined ? t('meter.search.hint') : <span role="alert">{t(`meter.search.${fault.value}`)}</span>}
          onText={(value) => {
            text.value = value;
          }}
        />
        <Button kind="primary" type="submit">
          {t('meter.show')}
        </Button>
      </form>
      {refusal.value !== undefined && <Refused refusal={refusal.value} />}
      {found.value.length > 0 && <Choices meters={found.value} />}
    </>
  );
}

function Choices({ meters }: { meters: Found }) {
  return (
    <ul class="choices" aria-label={t('meter.search.several')}>
      {meters.map(({ meterId, usagePoint, from, until }) => (
        <li key={`${meterId} ${usagePoint} ${from}`}>
          <a href={hrefOf(['meter', meterId])}>{meterId}</a>{' '}
          {until === undefined
            ? t('meter.search.since', { point: usagePoint, from: dayOfInstant(from, UTC.zone) })
            : t('meter.search.until', { point: usagePoint, from: dayOfInstant(from, UTC.zone), until: dayOfInstant(until, UTC.zone) })}
        </li>
      ))}
    </ul>
  );
}
