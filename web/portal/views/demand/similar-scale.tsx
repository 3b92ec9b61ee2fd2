import type { SimilarHomes } from '../../../../api/customer-usage.ts';
import { t } from './messages.ts';

const WIDTH = 600;

/** The numbers of the table below it, as bars of their lengths. */
export function SimilarScale({
  ownWh,
  similar: { meanWh },
}: {
  readonly ownWh: number | null;
  readonly similar: NonNullable<SimilarHomes['similar']>;
}) {
  const most = Math.max(meanWh, ownWh ?? 0, 1);
  const width = (wh: number) => Math.max((wh / most) * WIDTH, 2);
  return (
    <div class="scale" aria-hidden="true">
      <svg viewBox={`0 0 ${WIDTH} 52`} preserveAspectRatio="none" aria-hidden="true">
        {ownWh !== null && <rect class="similar-own" x={0} y={2} width={width(ownWh)} height={20} />}
        <rect class="similar-others" x={0} y={30} width={width(meanWh)} height={20} />
      </svg>
      <ul class="scale-legend small soft">
        {ownWh !== null && <li class="similar-key-own">{t('own')}</li>}
        <li class="similar-key-others">{t('others')}</li>
      </ul>
    </div>
  );
}
