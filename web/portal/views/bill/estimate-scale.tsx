import type { BillEstimate } from '../../../../api/customer-account.ts';
import { t } from './messages.ts';

const [WIDTH, HEIGHT] = [600, 28];

/** The figures beside it as lengths: what there is so far, where it will probably end, and what is usual. */
export function EstimateScale({ estimate: { toDate, expected, typicalMicro } }: { readonly estimate: BillEstimate }) {
  const amounts = [toDate?.amountMicro, expected?.amountMicro, expected?.lowMicro, expected?.highMicro].map((micro) =>
    micro === null || micro === undefined ? undefined : Number(micro),
  );
  const [soFar, end, low, high] = amounts;
  const usual = typicalMicro === null ? undefined : Number(typicalMicro);
  if (soFar === undefined || end === undefined || low === undefined || high === undefined) return null;
  const most = Math.max(soFar, high, end, usual ?? 0) * 1.04;
  // A bill that pays money back has no length from zero on.
  if (Math.min(soFar, low) < 0 || most <= 0) return null;
  const x = (micro: number) => (micro / most) * WIDTH;
  return (
    <div class="scale" aria-hidden="true">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <rect class="scale-ground" x={0} y={8} width={WIDTH} height={12} />
        <rect class="scale-range" x={x(low)} y={8} width={Math.max(x(high) - x(low), 1)} height={12} />
        <rect class="scale-so-far" x={0} y={8} width={x(soFar)} height={12} />
        <line class="scale-end" x1={x(end)} x2={x(end)} y1={3} y2={25} />
        {usual !== undefined && <line class="scale-usual" x1={x(usual)} x2={x(usual)} y1={0} y2={28} />}
      </svg>
      <ul class="scale-legend small soft">
        <li class="scale-key-so-far">{t('toDate')}</li>
        <li class="scale-key-end">{t('expected')}</li>
        {usual !== undefined && <li class="scale-key-usual">{t('typical')}</li>}
      </ul>
    </div>
  );
}
