import type { IngestView } from '../../../api/console.ts';
import { percent } from '../../shared/format.ts';
import { concentratorTotals, successByDay } from '../model/delivery.ts';
import { t } from '../text.ts';

const [STEP, HEIGHT, FLOOR] = [4, 20, 0.5];

/** Success of each day, from half to all; a day without frames is a gap. In words beside it. */
export function SuccessSpark({ of }: { of: IngestView['concentrators'][number] }) {
  const days = successByDay(of);
  const known = days.filter((success) => success !== undefined);
  const { success } = concentratorTotals(of);
  if (success === undefined) return <span class="soft">{t('ingest.no-frames')}</span>;
  const newest = days.at(-1);
  const words = {
    lowest: percent(Math.min(...known), { digits: 1 }),
    newest: newest === undefined ? t('ingest.no-frames') : percent(newest, { digits: 1 }),
  };
  const label = t('ingest.spark', words);
  return (
    <span class="spark">
      <svg viewBox={`0 0 ${days.length * STEP} ${HEIGHT}`} role="img" aria-label={label}>
        <title>{label}</title>
        {days.map((day, i) =>
          day === undefined ? null : (
            <rect
              key={of.days[i]?.day}
              class={day < 0.95 ? 'short' : ''}
              x={i * STEP}
              y={HEIGHT - heightOf(day)}
              width={STEP - 1}
              height={heightOf(day)}
            />
          ),
        )}
      </svg>
      <span class="number">{percent(success, { digits: 1 })}</span>
    </span>
  );
}

function heightOf(success: number): number {
  return 2 + ((Math.max(FLOOR, success) - FLOOR) / (1 - FLOOR)) * (HEIGHT - 2);
}
