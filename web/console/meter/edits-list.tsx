import type { ComponentChildren } from 'preact';
import type { Day } from '../../../api/days.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Table } from '../../shared/ui/table.tsx';
import { useDesk } from '../desk.ts';
import { mayCall } from '../model/calls.ts';
import { t } from '../text.ts';
import { Panel } from '../ui/panel.tsx';
import { reasonText } from '../ui/reason.ts';
import { When } from '../ui/when.tsx';
import type { DayWork } from './day-work.ts';
import { Decision, ProposedChanges } from './proposals.tsx';
import { selectionText } from './slot-words.ts';

type Edit = Day['edits'][number];

/** Who changed what, and what waits for a second person. Absent `work`: the day can only be looked at. */
export function EditsList({ day, work }: { day: Day; work?: DayWork }) {
  return (
    <>
      {day.proposals.length > 0 && (
        <Panel title={t('edits.proposals')} wide>
          <EditTable
            day={day}
            edits={day.proposals}
            caption={t('edits.proposals')}
            {...(work && { actionOf: (edit) => <Decision edit={edit} work={work} /> })}
          />
          <ProposedChanges day={day} />
        </Panel>
      )}
      <Panel title={t('edits.title')} wide>
        {day.edits.length === 0 ? (
          <p class="soft">{t('edits.none')}</p>
        ) : (
          <EditTable
            day={day}
            edits={day.edits}
            caption={t('edits.title')}
            {...(work && { actionOf: (edit) => <Undo edit={edit} work={work} /> })}
          />
        )}
      </Panel>
    </>
  );
}

interface EditTableProps {
  readonly day: Day;
  readonly edits: readonly Edit[];
  readonly caption: string;
  readonly actionOf?: (edit: Edit) => ComponentChildren;
}

function EditTable({ day, edits, caption, actionOf }: EditTableProps) {
  const heads = [
    t('edits.column.edit'),
    t('edits.column.kind'),
    t('edits.column.slots'),
    t('edits.column.reason'),
    t('column.by'),
    t('column.at'),
  ];
  return (
    <Table
      caption={caption}
      captionHidden
      columns={[...heads, ...(actionOf === undefined ? [] : [t('edits.column.action')])].map((label) => ({ label }))}
      rows={edits.map((edit) => ({
        key: String(edit.edit),
        cells: [...cellsOf(day, edit), ...(actionOf === undefined ? [] : [actionOf(edit)])],
      }))}
    />
  );
}

function cellsOf(day: Day, edit: Edit): readonly ComponentChildren[] {
  const { kind, undoes, undone, slots, by, approvedBy, at } = edit;
  const marks = [...(undoes === undefined ? [] : [t('edits.undoes', { n: undoes })]), ...(undone ? [t('edits.undone')] : [])];
  return [
    edit.edit,
    [t(`kind.${kind}`), ...marks].join(', '),
    selectionText(day, slots),
    reasonText(edit),
    approvedBy === undefined ? by : `${by}, ${t('edits.approved', { person: approvedBy })}`,
    <When key="at" at={at} zone={day.zone} />,
  ];
}

function Undo({ edit, work }: { edit: Edit; work: DayWork }) {
  if (edit.undone || edit.kind === 'undo' || !mayCall(useDesk().role, 'undoEdit')) return null;
  return (
    <Button
      kind="quiet"
      disabled={work.busy.value}
      onClick={() => {
        work.intent.value = { does: 'undo', edit: edit.edit };
      }}
    >
      {t('edits.undo')}
    </Button>
  );
}
