import { t } from './messages.ts';

type Key = Parameters<typeof t>[0];

const KINDS = ['energy', 'standing', 'minimum', 'demand', 'reactive', 'export', 'netted', 'tax', 'back-billing', 'true-up', 'credit'] as const;
const DETAILS = ['low', 'normal', 'high', 'day', 'night', 'peak', 'vat', 'brought', 'carried'] as const;

/**
 * What a line of a bill is for. A code, `energy/night`, is said in the customer's words; what a tariff calls its own stays as it is.
 */
export function lineWords(text: string): string {
  const [first = '', detail = '', ...rest] = text.split('/');
  const kind = KINDS.find((known) => known === first);
  if (kind === undefined || rest.length > 0) return text;
  const words = t(`kind.${kind}` satisfies Key);
  if (detail === '' || detail === kind) return words;
  const known = DETAILS.find((one) => one === detail.toLowerCase());
  return t('lineDetail', { kind: words, detail: known === undefined ? detail : t(`detail.${known}` satisfies Key) });
}
