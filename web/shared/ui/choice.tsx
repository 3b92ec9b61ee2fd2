import { useId } from 'preact/hooks';

interface ChoiceProps<Id extends string> {
  /** What is chosen here, for whoever does not see it. */
  readonly label: string;
  readonly options: readonly { readonly id: Id; readonly label: string }[];
  readonly selected: Id;
  readonly onSelect: (id: Id) => void;
}

/** One of a few, all in sight: radio buttons in one row. */
export function Choice<Id extends string>({ label, options, selected, onSelect }: ChoiceProps<Id>) {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend class="visually-hidden">{label}</legend>
      {options.map((option) => (
        <label key={option.id}>
          <input type="radio" name={name} checked={option.id === selected} onChange={() => onSelect(option.id)} />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}
