import type { Signal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { type EditReason, type FormFault, REASONS } from '../model/edit-form.ts';
import { t } from '../text.ts';
import { Select } from './field.tsx';

/** Why somebody acts, as far as they have said. */
export interface Reasoning {
  readonly reason: EditReason | '';
  readonly note: string;
}

const NOTE_LENGTH = 1_000;

/** Reason and note that every change wants. */
export function ReasonFields<T extends Reasoning>({ words }: { words: Signal<T> }) {
  const id = useId();
  return (
    <>
      <Select<EditReason | ''>
        label={t('reason')}
        value={words.value.reason}
        options={[['', t('reason.choose')], ...REASONS.map((reason) => [reason, t(`reason.${reason}`)] as const)]}
        onChoose={(reason) => {
          words.value = { ...words.value, reason };
        }}
      />
      <div class="field wide">
        <label for={id}>{t('note')}</label>
        <textarea
          id={id}
          rows={2}
          maxLength={NOTE_LENGTH}
          value={words.value.note}
          onInput={(event) => {
            words.value = { ...words.value, note: event.currentTarget.value };
          }}
        />
      </div>
    </>
  );
}

/** What is still wrong with a form, read out when it is told. */
export function Faults({ faults }: { faults: readonly FormFault[] }) {
  return (
    <div class="faults" role="alert">
      {faults.map((fault) => (
        <p key={fault}>{t(`fault.${fault}`)}</p>
      ))}
    </div>
  );
}
