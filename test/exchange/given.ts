import fc from 'fast-check';
import { type ImportOutcome, importFile } from '../../exchange/import.ts';
import type { Nem12Channel, Nem12Day, Nem13Read, NemHeader, NemVisitor } from '../../exchange/nem/model.ts';

/** The whole outcome of a file, from text or bytes. */
export function imported(file: string | Uint8Array): Promise<ImportOutcome> {
  return importFile([typeof file === 'string' ? Buffer.from(file) : file]);
}

/** Problems as `line:column reason`; fails where there are none. */
export async function problemsOf(file: string | Uint8Array): Promise<string[]> {
  const outcome = await imported(file);
  if (outcome.ok) throw new Error('the file was taken');
  return outcome.problems.map(({ line, column, reason }) => `${line}:${column} ${reason}`);
}

export const HEADER = '100,NEM12,200405011135,MDA1,Ret1';
export const CHANNEL = '200,VABD000163,E1Q1,1,E1,N1,METSER123,kWh,30,20040501';

/** A 300 record of half-hours. */
export function day(change: { date?: string; values?: readonly string[]; tail?: string } = {}): string {
  const { date = '20040201', values = new Array<string>(48).fill('1.111'), tail = 'A,,,20040202120025,20040202142516' } = change;
  return `300,${date},${values.join(',')},${tail}`;
}

/** A 250 record. */
export const READ = [
  '250,VABC005890,11,1,11,11,METSER123,E',
  '006342.8,20031005093055,A,,',
  '007654.9,20040107100333,E64,,',
  '1312.1,kWh,20040407,20040108100333,20040108091133',
].join(',');

export function file(...records: readonly string[]): string {
  return `${records.join('\r\n')}\r\n`;
}

/** Values of a day, the one of interval `at` (from 1) replaced. */
export function valuesWith(at: number, text: string): string[] {
  return Array.from({ length: 48 }, (_, i) => (i === at - 1 ? text : '1.111'));
}

export type NemCall = ['header', NemHeader] | ['channel', Nem12Channel] | ['day', Nem12Day] | ['read', Nem13Read];

/** Writes down what it is given. */
export function recorder(): { calls: NemCall[]; visitor: NemVisitor } {
  const calls: NemCall[] = [];
  const visitor: NemVisitor = {
    header: (header) => calls.push(['header', header]),
    channel: (channel) => calls.push(['channel', channel]),
    day: (day) => calls.push(['day', day]),
    read: (read) => calls.push(['read', read]),
  };
  return { calls, visitor };
}

/** Text as MDFF can carry it. */
export const freeText = fc
  .string({ unit: 'grapheme', maxLength: 20 })
  .filter((text) => !/[,\p{Cc}]/u.test(text) && !text.trimStart().startsWith('"') && text.isWellFormed());
