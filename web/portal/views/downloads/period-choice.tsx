import { useId } from 'preact/hooks';
import { localDayOf } from '../../../shared/local-date.ts';
import { Choice as Options } from '../../../shared/ui/choice.tsx';
import type { Point } from '../../view.ts';
import { type Choice, PRESETS, presetDays } from './file-request.ts';
import { t } from './messages.ts';

interface PeriodChoiceProps extends Pick<Point, 'tenancies' | 'zone'> {
  readonly choice: Choice;
  /** Local date. */
  readonly today: string;
  readonly onChange: (choice: Choice) => void;
}

/** A usual period at a press, or two dates. */
export function PeriodChoice({ choice, today, tenancies, zone, onChange }: PeriodChoiceProps) {
  const [fromId, lastId] = [useId(), useId()];
  const preset = PRESETS.find((one) => {
    const { from, last } = presetDays(one, today);
    return from === choice.from && last === choice.last;
  });
  const options = [...PRESETS, ...(preset === undefined ? (['own'] as const) : [])].map((id) => ({ id, label: t(`preset.${id}`) }));
  const select = (id: (typeof options)[number]['id']) => id !== 'own' && onChange({ ...choice, ...presetDays(id, today) });
  const first = tenancies.map(({ from }) => localDayOf(from, zone)).sort()[0];
  return (
    <div class="stack">
      <div>
        <Options label={t('period')} options={options} selected={preset ?? 'own'} onSelect={select} />
      </div>
      <div class="download-dates">
        <div>
          <label for={fromId}>{t('from')}</label>
          <input
            id={fromId}
            type="date"
            value={choice.from}
            {...(first !== undefined && { min: first })}
            max={today}
            onInput={(event) => onChange({ ...choice, from: event.currentTarget.value })}
          />
        </div>
        <div>
          <label for={lastId}>{t('until')}</label>
          <input
            id={lastId}
            type="date"
            value={choice.last}
            {...(first !== undefined && { min: first })}
            max={today}
            onInput={(event) => onChange({ ...choice, last: event.currentTarget.value })}
          />
        </div>
      </div>
    </div>
  );
}
