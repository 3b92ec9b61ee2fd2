import type { AuditPage } from '../../../api/console.ts';
import type { Caller, Refusal } from '../../shared/session.ts';
import { ask } from './calls.ts';

export type AuditEntry = AuditPage['entries'][number];

const COLUMNS = [
  'at',
  'stream',
  'version',
  'principal',
  'person',
  'purpose',
  'subjects',
  'from',
  'until',
  'hash',
] as const satisfies readonly (keyof AuditEntry)[];

/** Lines as RFC 4180 has them. A cell that a spreadsheet would take for a formula begins with an apostrophe. */
export function auditCsv(entries: readonly AuditEntry[]): string {
  const lines = entries.map((entry) => COLUMNS.map((column) => cell(entry[column])).join(','));
  return `${[COLUMNS.join(','), ...lines].join('\r\n')}\r\n`;
}

function cell(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function auditJson(day: string, entries: readonly AuditEntry[]): string {
  return `${JSON.stringify({ day, entries }, undefined, 2)}\n`;
}

/** All accesses of a day, page by page; a page that is refused refuses the whole, for half a record is none. */
export async function wholeAudit(
  requests: Caller,
  day: string,
  onPage: (entries: number) => void,
): Promise<readonly AuditEntry[] | Refusal> {
  const entries: AuditEntry[] = [];
  let cursor: string | undefined;
  do {
    const reply = await ask(requests, 'listAudit', {}, { query: { day, cursor } });
    if (!reply.ok) return reply;
    entries.push(...reply.body.entries);
    cursor = reply.body.cursor;
    onPage(entries.length);
  } while (cursor !== undefined);
  return entries;
}
