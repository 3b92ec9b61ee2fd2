import type { BillLine } from '../../events/index.ts';

/** What a line of a bill is called, by the first part of its code; the second is the tariff's own word. */
const WORDS: Readonly<Record<string, string>> = {
  energy: 'Energy',
  standing: 'Standing charge',
  demand: 'Demand',
  reactive: 'Reactive energy',
  export: 'Energy sent back',
  credit: 'Credit',
  minimum: 'Minimum charge',
  tax: 'Tax',
  'back-billing': 'Not charged, because it is too long ago',
  'true-up': 'Correction of an earlier bill',
};

export function lineText({ code }: Pick<BillLine, 'code'>): string {
  const [kind = '', ...rest] = code.split('/');
  const word = Object.hasOwn(WORDS, kind) ? WORDS[kind]! : kind;
  return rest.length === 0 ? word : `${word}, ${rest.join(' ')}`;
}

/** How much of it, e.g. `12.345 kWh`; null where a line counts nothing. */
export function quantityText({ quantity, unit }: Pick<BillLine, 'quantity' | 'unit'>): string | null {
  switch (unit) {
    case 'micro':
    case 'piece':
      return null;
    case 'day':
      return `${quantity} ${quantity === '1' ? 'day' : 'days'}`;
    default:
      return `${thousandths(quantity)} k${unit}`;
  }
}

function thousandths(quantity: string): string {
  const sign = quantity.startsWith('-') ? '-' : '';
  const digits = quantity.replace('-', '').padStart(4, '0');
  return `${sign}${digits.slice(0, -3)}.${digits.slice(-3)}`;
}
