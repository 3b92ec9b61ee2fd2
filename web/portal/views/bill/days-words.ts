import type { BillEstimate } from '../../../../api/customer-account.ts';
import { t } from './messages.ts';

/** How many of the days that passed are closed, and of how many of them something is estimated. */
export function daysWords(
  { daysKnown: known, daysEstimated: estimated }: Pick<BillEstimate, 'daysKnown' | 'daysEstimated'>,
  passed: number,
): string {
  if (known > 0 && estimated === known) return t('daysAllEstimated', { known, passed });
  return estimated > 0 ? t('daysSomeEstimated', { known, passed, estimated }) : t('daysKnown', { known, passed });
}
