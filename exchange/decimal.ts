/** Why a text is no value: said to whoever made the file. */
export type DecimalFault = 'empty' | 'not-a-number' | 'negative' | 'too-fine' | 'too-large';

/** Up to here every integer is exact in a number. */
const MOST_DIGITS = 15;
const POINT = 0x2e;
const MINUS = 0x2d;
const ZERO = 0x30;

/**
 * Reads a decimal as an integer of 10^-decimals, digit by digit, so that no value passes through a fraction. Digits finer
 * than that must be zero: **nothing is ever rounded**.
 * @param text digits with at most one point, e.g. `.005`, `006342.8`; no sign, exponent or separator
 * @returns 0 to 10^15 - 1
 */
export function parseDecimal(text: string, decimals: number): number | DecimalFault {
  if (text === '') return 'empty';
  let value = 0;
  let digits = 0;
  /** Digits behind the point; -1 = no point yet. */
  let behind = -1;
  let tooFine = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === POINT && behind < 0) behind = 0;
    else if (code >= ZERO && code <= ZERO + 9) {
      digits++;
      if (behind >= 0) behind++;
      if (behind <= decimals) value = value * 10 + (code - ZERO);
      else tooFine ||= code !== ZERO;
    } else return code === MINUS && i === 0 && /^-[\d.]+$/.test(text) ? 'negative' : 'not-a-number';
  }
  if (digits === 0) return 'not-a-number';
  if (tooFine) return 'too-fine';
  for (let i = Math.max(behind, 0); i < decimals; i++) value *= 10;
  return value < 10 ** MOST_DIGITS ? value : 'too-large';
}

/** The shortest decimal that `parseDecimal` reads as the same integer. @param value integer from 0 */
export function formatDecimal(value: number, decimals: number): string {
  if (decimals === 0) return String(value);
  const digits = String(value).padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  const whole = digits.slice(0, -decimals);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
