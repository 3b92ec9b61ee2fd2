import type { SimilarHomes } from '../../../../api/customer-usage.ts';
import { t } from './messages.ts';

const WIDTH = 600;

/** The numbers of the table below it as places on a line. */
export function SimilarScale({
  ownWh,
  similar,
}: {
  readonly ownWh: number | null;
  readonly similar: NonNullable<SimilarHomes['similar']>;
}) {
  const { medianWh, lowerQuartileWh, upperQuartileWh } = similar;
  const most = Math.max(upperQuartileWh, ownWh ?? 0, 1) * 1.15;
  const x = (wh: number) => (wh / most) * WIDTH;
  return (
    <div class="scale" aria-hidden="true">
      <svg viewBox={`0 0 ${WIDTH} 36`} preserveAspectRatio="none" aria-hidden="true">
        <line class="similar-axis" x1={0} x2={WIDTH} y1={18} y2={18} />
        <rect class="similar-half" x={x(lowerQuartileWh)} y={10} width={Math.max(x(upperQuartileWh) - x(lowerQuartileWh), 2)} height={16} />
        <line class="similar-median" x1={x(medianWh)} x2={x(medianWh)} y1={8} y2={28} />
        {ownWh !== null && <line class="similar-own" x1={x(ownWh)} x2={x(ownWh)} y1={0} y2={36} />}
      </svg>
      <ul class="scale-legend small soft">
        {ownWh !== null && <li class="similar-key-own">{t('own')}</li>}
        <li class="similar-key-median">{t('middle')}</li>
        <li class="similar-key-half">{t('half')}</li>
      </ul>
    </div>
  );
}
