import { locale } from '../../../shared/i18n.ts';
import { t } from './messages.ts';

type Key = Parameters<typeof t>[0];

/** `code`, e.g. `energy/night`, where the service names one; `text` says the same in English. */
export interface LineTerms {
  readonly code?: string;
  readonly text: string;
}

const KINDS = [
  'energy',
  'standing',
  'minimum',
  'demand',
  'reactive',
  'export',
  'netted',
  'tax',
  'back-billing',
  'true-up',
  'credit',
] as const;
const DETAILS = ['low', 'normal', 'high', 'day', 'night', 'peak', 'vat', 'brought', 'carried'] as const;
const COUNTED = /^(-?\d{1,15}(?:\.\d+)?) (days?|kWh|kW|kVA|kvarh)$/;

/** What a line of a bill is for: a code that is known in the customer's words, anything else as the service says it. */
export function lineWords({ code, text }: LineTerms): string {
  const [first = '', detail = '', ...rest] = (code ?? text).split('/');
  const kind = KINDS.find((known) => known === first);
  if (kind === undefined || rest.length > 0) return text;
  const words = t(`kind.${kind}` satisfies Key);
  if (detail === '' || detail === kind) return words;
  const known = DETAILS.find((one) => one === detail.toLowerCase());
  // A tax has a name that says it all.
  if (kind === 'tax' && known !== undefined) return t(`detail.${known}` satisfies Key);
  return t('lineDetail', { kind: words, detail: known === undefined ? detail : t(`detail.${known}` satisfies Key) });
}

/** A quantity with its unit, `12.345 kWh`, in the customer's numbers. */
export function quantityWords(text: string): string {
  const [, value = '', unit = ''] = COUNTED.exec(text) ?? [];
  if (value === '') return text;
  if (unit.startsWith('day'))
    return new Intl.NumberFormat(locale.value, { style: 'unit', unit: 'day', unitDisplay: 'long' }).format(Number(value));
  return `${new Intl.NumberFormat(locale.value, { maximumFractionDigits: 3 }).format(Number(value))} ${unit}`;
}
