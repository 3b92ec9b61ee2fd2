import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { Button } from '../../shared/ui/button.tsx';
import { useDesk } from '../desk.ts';
import { mayCall } from '../model/calls.ts';
import { type EditForm, type EditKind, type EditMethod, intentFaults, METHODS } from '../model/edit-form.ts';
import { type Channel, slotsFor } from '../model/slots.ts';
import { t } from '../text.ts';
import { Select } from '../ui/field.tsx';
import { Panel } from '../ui/panel.tsx';
import { Faults, ReasonFields } from '../ui/reason-fields.tsx';
import type { DayWork } from './day-work.ts';
import { PreviewView } from './preview-view.tsx';

const KINDS = ['estimate', 'accept', 'values', 'agreed'] as const satisfies readonly EditKind[];
const EDITING = { does: 'edit' } as const;

/** What is to be done, what it would do, and then doing it. */
export function EditPane({ work }: { work: DayWork }) {
  const isTold = useSignal(false);
  const intent = work.intent.value;
  const channel = work.channel.value;
  if (channel === undefined) return null;
  const faults = intentFaults(intent, work.form.value, channel.perCount);
  const look = (event: Event) => {
    event.preventDefault();
    isTold.value = faults.length > 0;
    if (faults.length === 0) void work.look();
  };
  return (
    <Panel title={t('edit.title')}>
      <form class="stack" onSubmit={look} noValidate>
        {intent.does === 'edit' ? <EditFields work={work} channel={channel} /> : <OtherIntent work={work} />}
        <ReasonFields words={work.form} />
        {isTold.value && faults.length > 0 && <Faults faults={faults} />}
        <Actions work={work} />
      </form>
      {work.current.value !== undefined && <PreviewView preview={work.current.value} />}
    </Panel>
  );
}

function Actions({ work }: { work: DayWork }) {
  const { role } = useDesk();
  const { day } = work.seen.value;
  const preview = work.current.value;
  const busy = work.busy.value;
  const canFinalize = work.intent.value.does === 'edit' && day.state !== 'final' && mayCall(role, 'finalizeDay');
  return (
    <>
      <div class="row">
        <Button type="submit" disabled={busy}>
          {t('edit.preview')}
        </Button>
        <Button kind="primary" disabled={busy || preview === undefined || preview.unchanged} onClick={() => void work.save()}>
          {preview?.needsSecondPerson === true ? t('edit.propose') : t('edit.save')}
        </Button>
        {canFinalize && (
          <Button
            kind="quiet"
            onClick={() => {
              work.intent.value = { does: 'finalize' };
            }}
          >
            {t('edit.kind.finalize')} …
          </Button>
        )}
      </div>
      {work.unfit.value && (
        <p class="faults" role="alert">
          {t('edit.measured')}
        </p>
      )}
      {preview === undefined && <p class="soft small">{t('edit.preview-first')}</p>}
    </>
  );
}

/** Undoing, or making final: no slots to choose. */
function OtherIntent({ work }: { work: DayWork }) {
  const intent = work.intent.value;
  return (
    <div class="row">
      <strong>{intent.does === 'undo' ? t('edit.kind.undo', { n: intent.edit }) : t('edit.kind.finalize')}</strong>
      <Button
        kind="quiet"
        onClick={() => {
          work.intent.value = EDITING;
        }}
      >
        {t('edit.other')}
      </Button>
    </div>
  );
}

function EditFields({ work, channel }: { work: DayWork; channel: Channel }) {
  const form = work.form.value;
  return (
    <>
      <Select<EditKind>
        label={t('edit.kind')}
        value={form.kind}
        options={KINDS.map((kind) => [kind, t(`edit.kind.${kind}`)])}
        onChoose={(kind) => work.set({ kind })}
      />
      {form.kind === 'estimate' && (
        <Select<EditMethod>
          label={t('bulk.method')}
          value={form.method}
          options={METHODS.map((method) => [method, t(`method.${method}`)])}
          onChoose={(method) => work.set({ method })}
        />
      )}
      <QuickPicks work={work} channel={channel} />
      {(form.kind === 'values' || form.kind === 'agreed') && (
        <Values form={form} channel={channel} onValues={(values) => work.set({ values })} />
      )}
    </>
  );
}

function QuickPicks({ work, channel }: { work: DayWork; channel: Channel }) {
  const [accept, estimate] = [slotsFor(channel, 'accept'), slotsFor(channel, 'estimate')];
  const all = channel.slots.map(({ slot }) => slot);
  const picks = [
    [t('day.select.estimate', { n: estimate.length }), estimate],
    [t('day.select.accept', { n: accept.length }), accept],
    [t('day.select.all'), all],
    [t('day.select.none'), []],
  ] as const;
  return (
    <fieldset class="picks">
      <legend>{t('day.slots')}</legend>
      {picks.map(([label, slots]) => (
        <Button key={label} onClick={() => work.set({ slots })}>
          {label}
        </Button>
      ))}
    </fieldset>
  );
}

function Values({ form, channel, onValues }: { form: EditForm; channel: Channel; onValues: (values: string) => void }) {
  const id = useId();
  return (
    <div class="field wide">
      <label for={id}>{t('edit.values', { unit: channel.unit })}</label>
      <textarea
        id={id}
        rows={3}
        inputMode="numeric"
        spellcheck={false}
        aria-describedby={`${id}-hint`}
        value={form.values}
        onInput={(event) => onValues(event.currentTarget.value)}
      />
      <p id={`${id}-hint`} class="soft small">
        {t('edit.values.hint', { step: `${channel.perCount} ${channel.unit}` })}
      </p>
    </div>
  );
}
