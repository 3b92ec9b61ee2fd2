import { type Signal, useSignal } from '@preact/signals';
import type { Day } from '../../../api/days.ts';
import type { Preview } from '../../../api/edits.ts';
import { energyExact, money, signed } from '../../shared/format.ts';
import { useLoad } from '../../shared/load.ts';
import { addDays } from '../../shared/local-date.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Dialog } from '../../shared/ui/dialog.tsx';
import { Table } from '../../shared/ui/table.tsx';
import { daysText } from '../dates.ts';
import { useDesk } from '../desk.ts';
import { ask, mayCall } from '../model/calls.ts';
import { type ProposedChange, proposedChange } from '../model/proposal.ts';
import { t } from '../text.ts';
import { Await } from '../ui/await.tsx';
import { reasonText } from '../ui/reason.ts';
import { Status } from '../ui/status.tsx';
import type { DayWork } from './day-work.ts';
import { energyIn, spanText } from './slot-words.ts';

type Proposal = Day['proposals'][number];

/** What would change with each proposal, slot by slot beside what stands now. */
export function ProposedChanges({ day }: { day: Day }) {
  return (
    <>
      {day.proposals.map((proposal) => (
        <ProposedValues key={proposal.edit} day={day} proposal={proposal} />
      ))}
    </>
  );
}

function ProposedValues({ day, proposal }: { day: Day; proposal: Proposal }) {
  const { role } = useDesk();
  const change = proposedChange(day, proposal);
  const text = (value: number | null) => told(change.unit, value);
  const title = t('edits.values', { n: proposal.edit, channel: proposal.channel });
  const heads = [t('preview.before'), t('preview.after'), t('preview.difference')];
  return (
    <div class="stack">
      <p>
        <strong>{title}</strong> {t('edits.total', { total: signed(change.difference, text) })}
      </p>
      <Table
        caption={title}
        captionHidden
        columns={[{ label: t('day.column.time') }, ...heads.map((label) => ({ label, align: 'end' as const }))]}
        rows={change.slots.map(({ slot, before, after }) => ({
          key: String(slot),
          cells: [spanText(day, slot, slot), text(before), text(after), signed((after ?? 0) - (before ?? 0), text)],
        }))}
      />
      {mayCall(role, 'previewEdit') && <ProposedMoney day={day} edit={proposal.edit} />}
    </div>
  );
}

/** What the bill would be with it, for whoever may ask. */
function ProposedMoney({ day, edit }: { day: Day; edit: number }) {
  const { requests } = useDesk();
  const { meterId } = day;
  const look = () => ask(requests, 'previewEdit', { meterId, day: day.day }, { body: { kind: 'approve', edit } });
  const preview = useLoad(look, [requests, meterId, day.day, edit]);
  return <Await from={preview}>{(shown) => <MoneyLine preview={shown} />}</Await>;
}

function MoneyLine({ preview: { money: bill, noMoneyBecause } }: { preview: Preview }) {
  if (bill === undefined)
    return noMoneyBecause === undefined ? null : <p class="soft small">{t('preview.no-money', { why: noMoneyBecause })}</p>;
  const { currency, from, until, beforeMicro, afterMicro, differenceMicro } = bill;
  const parts = {
    period: daysText(from, addDays(until, -1)),
    before: money(beforeMicro, currency),
    after: money(afterMicro, currency),
    difference: money(differenceMicro, currency, { signed: true }),
  };
  return <p>{t('edits.money', parts)}</p>;
}

/** As exactly as the meter counts: what is decided upon is not rounded. */
function told(unit: ProposedChange['unit'], value: number | null): string {
  return unit === 'Wh' && value !== null ? energyExact(value) : energyIn(unit, value);
}

type Deciding = 'approveEdit' | 'rejectEdit';

/** A supervisor decides, but not about what they proposed themselves; whoever proposed it may take it back. */
export function Decision({ edit, work }: { edit: Proposal; work: DayWork }) {
  const { person, role } = useDesk();
  const confirming = useSignal<Deciding | undefined>(undefined);
  const busy = work.busy.value;
  const own = edit.by === person;
  const decides = mayCall(role, 'approveEdit');
  const confirm = (what: Deciding) => () => {
    confirming.value = what;
  };
  return (
    <div class="row">
      {(own || !decides) && <Status tone="wait">{own ? t('edits.own') : t('edits.supervisor')}</Status>}
      {decides && !own && (
        <Button kind="primary" disabled={busy} onClick={confirm('approveEdit')}>
          {t('edits.approve')} …
        </Button>
      )}
      {mayCall(role, 'rejectEdit') && (decides || own) && (
        <Button kind="danger" disabled={busy} onClick={confirm('rejectEdit')}>
          {own ? t('edits.withdraw') : t('edits.reject')} …
        </Button>
      )}
      {confirming.value !== undefined && <DecisionDialog edit={edit} work={work} own={own} deciding={confirming} what={confirming.value} />}
    </div>
  );
}

interface DecisionDialogProps {
  readonly edit: Proposal;
  readonly work: DayWork;
  /** Whoever proposed it takes it back. */
  readonly own: boolean;
  readonly deciding: Signal<Deciding | undefined>;
  readonly what: Deciding;
}

/** What is about to be decided, once more, before it is. */
function DecisionDialog({ edit, work, own, deciding, what }: DecisionDialogProps) {
  const { day } = work.seen.value;
  const word = what === 'approveEdit' ? 'approve' : own ? 'withdraw' : 'reject';
  const close = () => {
    deciding.value = undefined;
  };
  const decide = () => {
    close();
    void work.change({ change: what, edit: edit.edit });
  };
  const actions = (
    <>
      <Button onClick={close}>{t('cancel')}</Button>
      <Button kind={what === 'approveEdit' ? 'primary' : 'danger'} disabled={work.busy.value} onClick={decide}>
        {t(`edits.${word}`)}
      </Button>
    </>
  );
  return (
    <Dialog open title={t(`edits.${word}.title`, { n: edit.edit })} onClose={close} actions={actions}>
      <p>
        {t('edits.approve.what', {
          kind: t(`kind.${edit.kind}`),
          person: edit.by,
          reason: reasonText(edit),
        })}
      </p>
      {what === 'rejectEdit' && <p>{t('edits.reject.what')}</p>}
      <ProposedValues day={day} proposal={edit} />
    </Dialog>
  );
}
