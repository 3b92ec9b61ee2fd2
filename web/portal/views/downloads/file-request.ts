import type { DownloadQuery } from '../../../../api/customer-usage.ts';
import { addDays, addMonths, daysBetween } from '../../../shared/local-date.ts';
import { pointPath } from '../../view.ts';

export const FORMS = ['csv', 'espi', 'json'] as const satisfies readonly DownloadQuery['form'][];
export type Form = (typeof FORMS)[number];
export const PRESETS = ['last-month', 'last-30', 'this-year', 'last-year'] as const;
export type Preset = (typeof PRESETS)[number];

/** Days of one file. */
export const MOST_DAYS = 400;
const ENDINGS: Readonly<Record<Form, string>> = { csv: 'csv', espi: 'xml', json: 'json' };

/** What a customer chose. Local dates, both included; empty where the field is. */
export interface Choice {
  readonly form: Form;
  readonly from: string;
  readonly last: string;
}

export type Fault = 'order' | 'long' | 'incomplete';

/** What is wrong with a choice, if anything is. */
export function faultOf({ from, last }: Choice): Fault | undefined {
  if (from === '' || last === '') return 'incomplete';
  if (last < from) return 'order';
  return daysBetween(from, last) + 1 > MOST_DAYS ? 'long' : undefined;
}

/** First and last day of a usual period. The day that is going on is left out where the period would end with it. */
export function presetDays(preset: Preset, today: string): Pick<Choice, 'from' | 'last'> {
  const [first, yesterday] = [addMonths(today, 0), addDays(today, -1)];
  if (preset === 'last-month') return { from: addMonths(today, -1), last: addDays(first, -1) };
  if (preset === 'last-30') return { from: addDays(today, -30), last: yesterday };
  if (preset === 'last-year') return { from: addMonths(today, -12), last: addDays(first, -1) };
  const newYear = `${today.slice(0, 4)}-01-01`;
  return { from: newYear, last: yesterday < newYear ? newYear : yesterday };
}

/** The call behind the button. */
export function fileCall(
  usagePoint: string,
  { form, from, last }: Choice,
): { readonly path: string; readonly query: DownloadQuery & Record<string, string> } {
  return { path: pointPath(usagePoint, 'download'), query: { form, from, until: addDays(last, 1) } };
}

export function fileName(usagePoint: string, { form, from, last }: Choice): string {
  return `usage-${usagePoint.replaceAll(/[^A-Za-z0-9-]/g, '_')}-${from}-${last}.${ENDINGS[form]}`;
}

/** The same request for a shell. Token and proof are the program's own, in its variables. @param origin of the door */
export function curlCommand(origin: string, usagePoint: string, choice: Choice): string {
  const { path, query } = fileCall(usagePoint, choice);
  return [
    `curl --fail --output ${quoted(fileName(usagePoint, choice))}`,
    '  --header "Authorization: DPoP $TOKEN" --header "DPoP: $PROOF"',
    `  ${quoted(`${origin}${path}?${new URLSearchParams({ ...query })}`)}`,
  ].join(' \\\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
