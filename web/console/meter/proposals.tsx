import { type Signal, useSignal } from '@preact/signals';
import type { Day } from '../../../api/days.ts';
import { energyExact, signed } from '../../shared/format.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Dialog } from '../../shared/ui/dialog.tsx';
import { Table } from '../../shared/ui/table.tsx';
import { useDesk } from '../desk.ts';
import { mayCall } from '../model/calls.ts';
import { type ProposedChange, proposedChange } from '../model/proposal.ts';
import { t } from '../text.ts';
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
    </div>
  );
}

/** As exactly as the meter counts: what is decided upon is not rounded. */
function told(unit: ProposedChange['unit'], value: number | null): string {
  return unit === 'Wh' && value !== null ? energyExact(value) : energyIn(unit, value);
}

type Deciding = 'approveEdit' | 'rejectEdit';

/** A supervisor decides, but not about what they proposed themselves; whoever proposed it may take it back. */
export function Decision({ edit, work }: { edit: Proposal; work: DayWork }) {
  const { person, role } = useDesk();
  const confirming = useSignal(false);
  const busy = work.busy.value;
  const own = edit.by === person;
  const decides = mayCall(role, 'approveEdit');
  const decide = (change: Deciding) => void work.change({ change, edit: edit.edit });
  return (
    <div class="row">
      {(own || !decides) && <Status tone="wait">{own ? t('edits.own') : t('edits.supervisor')}</Status>}
      {decides && !own && (
        <Button
          kind="primary"
          disabled={busy}
          onClick={() => {
            confirming.value = true;
          }}
        >
          {t('edits.approve')} …
        </Button>
      )}
      {mayCall(role, 'rejectEdit') && (decides || own) && (
        <Button kind="danger" disabled={busy} onClick={() => decide('rejectEdit')}>
          {own ? t('edits.withdraw') : t('edits.reject')}
        </Button>
      )}
      {confirming.value && <ApproveDialog edit={edit} work={work} open={confirming} onApprove={() => decide('approveEdit')} />}
    </div>
  );
}

interface ApproveDialogProps {
  readonly edit: Proposal;
  readonly work: DayWork;
  readonly open: Signal<boolean>;
  readonly onApprove: () => void;
}

/** What is about to be approved, once more, before it is. */
function ApproveDialog({ edit, work, open, onApprove }: ApproveDialogProps) {
  const { day } = work.seen.value;
  const close = () => {
    open.value = false;
  };
  const approve = () => {
    close();
    onApprove();
  };
  const actions = (
    <>
      <Button onClick={close}>{t('cancel')}</Button>
      <Button kind="primary" disabled={work.busy.value} onClick={approve}>
        {t('edits.approve')}
      </Button>
    </>
  );
  return (
    <Dialog open title={t('edits.approve.title', { n: edit.edit })} onClose={close} actions={actions}>
      <p>
        {t('edits.approve.what', {
          kind: t(`kind.${edit.kind}`),
          person: edit.by,
          reason: reasonText(edit),
        })}
      </p>
      <ProposedValues day={day} proposal={edit} />
    </Dialog>
  );
}
