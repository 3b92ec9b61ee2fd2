import { t } from './messages.ts';
import type { Point } from './view.ts';

interface SitePickerProps {
  readonly points: readonly Point[];
  readonly chosen: string | undefined;
  readonly onChoose: (usagePoint: string) => void;
}

/** Which of the homes of a customer is looked at. */
export function SitePicker({ points, chosen, onChoose }: SitePickerProps) {
  return (
    <label class="row small">
      <span class="soft wide-only">{t('site')}</span>
      <select class="select" aria-label={t('site')} value={chosen} onChange={(event) => onChoose(event.currentTarget.value)}>
        {points.map(({ usagePoint }) => (
          <option key={usagePoint} value={usagePoint}>
            {usagePoint}
          </option>
        ))}
      </select>
    </label>
  );
}
