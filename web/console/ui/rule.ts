import type { VeeRule } from '../../../events/vee.ts';
import { RULE_NAMES } from '../model/cause.ts';
import { t } from '../text.ts';

/** A finding of validation: rule, its name, and whether it holds the slot. */
export function ruleText(rule: string, grade: 'E' | 'W'): string {
  const name = RULE_NAMES[rule as VeeRule];
  const words = grade === 'E' ? t('mark.error') : t('mark.warning');
  return name === undefined ? `${rule} (${words})` : `${rule} ${name} (${words})`;
}
