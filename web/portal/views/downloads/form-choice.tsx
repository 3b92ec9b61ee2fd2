import { useId } from 'preact/hooks';
import { FORMS, type Form } from './file-request.ts';
import { t } from './messages.ts';

interface FormChoiceProps {
  readonly selected: Form;
  readonly onSelect: (form: Form) => void;
}

/** Kinds of file, each with what it is good for. */
export function FormChoice({ selected, onSelect }: FormChoiceProps) {
  const name = useId();
  return (
    <fieldset class="download-forms">
      <legend>{t('form')}</legend>
      {FORMS.map((form) => (
        <label key={form} class="download-form">
          <input type="radio" name={name} checked={form === selected} onChange={() => onSelect(form)} />
          <span>
            <strong>{t(`form.${form}`)}</strong>
            <span class="soft small">{t(`hint.${form}`)}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
