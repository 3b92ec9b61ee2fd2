import type { BillEstimate } from '../../../../api/customer-account.ts';
import { energy, money } from '../../../shared/format.ts';
import { Figure } from '../../parts/figure.tsx';
import { EstimateScale } from './estimate-scale.tsx';
import { t } from './messages.ts';
import { besideUsual } from './period.ts';

/** So far, at the end, and as usual: money where it is known, else energy. */
export function EstimateFigures({ estimate }: { readonly estimate: BillEstimate }) {
  const { toDate, expected, typicalMicro, currency } = estimate;
  const amountOf = (figure: { readonly importWh: number; readonly amountMicro: string | null }) =>
    figure.amountMicro === null ? energy(figure.importWh) : money(figure.amountMicro, currency);
  const energyOf = (figure: { readonly importWh: number; readonly amountMicro: string | null }) =>
    figure.amountMicro === null ? undefined : energy(figure.importWh);
  return (
    <>
      <dl class="figures">
        {toDate !== null && <Figure label={t('toDate')} value={amountOf(toDate)} note={energyOf(toDate)} />}
        {expected !== null && <Figure label={t('expected')} value={amountOf(expected)} note={rangeText(estimate)} />}
        {typicalMicro !== null && <Figure label={t('typical')} value={money(typicalMicro, currency)} note={usualText(estimate)} />}
      </dl>
      <EstimateScale estimate={estimate} />
    </>
  );
}

function rangeText({ expected, currency }: BillEstimate): string | undefined {
  if (expected === null || expected.amountMicro === null) return undefined;
  const { importWh, lowMicro, highMicro } = expected;
  if (lowMicro === null || highMicro === null) return energy(importWh);
  return t('range', { low: money(lowMicro, currency), high: money(highMicro, currency) });
}

function usualText({ expected, typicalMicro, currency }: BillEstimate): string {
  const amount = expected?.amountMicro ?? null;
  if (amount === null || typicalMicro === null) return t('typicalText');
  const { is, byMicro } = besideUsual(amount, typicalMicro);
  if (is === 'usual') return t('asUsual');
  return t(is === 'more' ? 'moreThanUsual' : 'lessThanUsual', { amount: money(byMicro, currency) });
}
