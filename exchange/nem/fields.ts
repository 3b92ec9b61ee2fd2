import { parseCompactDate } from '../calendar.ts';
import { type DecimalFault, parseDecimal } from '../decimal.ts';
import { type Problems, quoted } from '../problem.ts';
import type { NemUnit } from './units.ts';

const MOST_TEXT = 240;

/** The fields of one record. Whatever is wrong goes to the problems and makes the record `bad`; reading goes on. */
export class Fields {
  readonly texts: readonly string[];
  readonly line: number;
  bad = false;
  readonly #problems: Problems;

  constructor(line: number, text: string, problems: Problems) {
    this.line = line;
    this.texts = text.split(',');
    this.#problems = problems;
  }

  /** '' where the record is shorter. */
  at(i: number): string {
    return this.texts[i]?.trim() ?? '';
  }

  fault(i: number, reason: string, remedy: string): void {
    this.bad = true;
    let column = 1;
    for (let j = 0; j < Math.min(i, this.texts.length); j++) column += this.texts[j]!.length + 1;
    // A record that ends too early: where the field would stand.
    this.#problems.add(this.line, column, reason, remedy);
  }

  /** Free text, as it stands. */
  text(i: number, name: string): string {
    const text = this.texts[i] ?? '';
    if (text.length > MOST_TEXT) this.fault(i, `${name} has ${text.length} characters`, `shorten it to ${MOST_TEXT}`);
    if (text.trimStart().startsWith('"')) this.fault(i, `${name} is in quotes`, 'MDFF has no quoting: write fields bare, without commas');
    return text;
  }

  pattern(i: number, name: string, pattern: RegExp, remedy: string): string {
    const text = this.at(i);
    if (!pattern.test(text)) this.fault(i, text === '' ? `${name} is missing` : `${name} ${quoted(text)}`, remedy);
    return text;
  }

  /** `yyyymmdd` of a day that exists. @returns `yyyy-mm-dd`, or '' */
  date(i: number, name: string, need: 'required' | 'optional'): string {
    const text = this.at(i);
    if (text === '' && need === 'optional') return '';
    const date = parseCompactDate(text);
    if (date === undefined) this.fault(i, text === '' ? `${name} is missing` : `${name} ${quoted(text)} is no day`, 'write yyyymmdd');
    return date ?? '';
  }

  /** `yyyymmddhhmm` or `yyyymmddhhmmss` of an instant that exists. @returns the digits, or '' */
  stamp(i: number, name: string, need: 'required' | 'optional'): string {
    const text = this.at(i);
    if (text === '' && need === 'optional') return '';
    if (isStamp(text)) return text;
    this.fault(i, text === '' ? `${name} is missing` : `${name} ${quoted(text)} is no instant`, 'write yyyymmddhhmmss');
    return '';
  }

  /** Energy or another quantity in units of 10^-decimals; null and a problem where it is none. */
  quantity(i: number, name: string, unit: NemUnit): number | null {
    const value = parseDecimal(this.at(i), unit.decimals);
    if (typeof value === 'number') return value;
    this.fault(i, quantityReason(value, name, this.at(i), unit), QUANTITY_REMEDY[value](unit));
    return null;
  }

  /** Nothing but empty fields may stand from here on. */
  endsBefore(i: number, record: string): void {
    const extra = this.texts.findIndex((text, j) => j >= i && text.trim() !== '');
    if (extra !== -1) this.fault(extra, `record ${record} has ${i} fields, and then ${quoted(this.at(extra))}`, 'remove what is too much');
  }
}

export function isStamp(text: string): boolean {
  const match = /^(\d{8})([01]\d|2[0-3])[0-5]\d([0-5]\d)?$/.exec(text);
  return match !== null && parseCompactDate(match[1]!) !== undefined;
}

function quantityReason(fault: DecimalFault, name: string, text: string, { name: unit, base }: NemUnit): string {
  if (fault === 'empty') return `${name} is missing`;
  if (fault === 'not-a-number') return `${name} ${quoted(text)} is not a number`;
  if (fault === 'negative') return `${name} ${quoted(text)} is negative`;
  if (fault === 'too-large') return `${name} ${quoted(text)} is too large`;
  return `${name} ${quoted(text)}${unit === '' ? '' : ` ${unit}`} is finer than 1 ${base ?? 'thousandth'}`;
}

const QUANTITY_REMEDY: Readonly<Record<DecimalFault, (unit: NemUnit) => string>> = {
  empty: () => 'give a value; for no data give 0 and quality N',
  'not-a-number': () => 'write digits and a decimal point: no sign, exponent, unit or quotes',
  negative: () => 'the suffix tells the direction: E is import, B is export',
  'too-fine': ({ decimals }) => `give at most ${decimals} decimals: nothing is rounded here`,
  'too-large': () => 'check value and unit of measure: at most 15 digits',
};
