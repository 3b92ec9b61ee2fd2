import { JoulekeepError } from '../../events/errors.ts';
import { KEY_TABLE } from '../../topology/key-table.ts';
import { permits } from '../../topology/principals.ts';
import type { SubjectAccess } from '../ports/subject-access.ts';
import { subjectsOf } from '../ports/subject-grants.ts';
import { subjectOfRow } from '../ports/subject-rows.ts';

const HOUR_MS = 3_600_000;
/** A local date begins at most 14 hours before the UTC date of its name and ends at most 12 after it, and a day has up to 25. */
const ZONE_AHEAD_MS = 14 * HOUR_MS;
const DAY_AND_ZONE_MS = 38 * HOUR_MS;
/** A bill tells its first day; no period is longer. */
const PERIOD_MS = 400 * 24 * HOUR_MS;

/**
 * Whether an access opens a commit: granted, to this principal, for the subject of its row, for a window that meets
 * the day or the period of the stream. @param principal whoever reads; undefined where the store serves one reader only
 */
export function covers(access: SubjectAccess | undefined, stream: string, rowId: string, principal?: string): boolean {
  const row = subjectOfRow(rowId);
  if (row === undefined) return true;
  if (access === undefined || (principal !== undefined && access.principal !== principal)) return false;
  return (subjectsOf(access)?.has(row.subject) ?? false) && meets(access, stream);
}

/** The same for an item of a table. One that lies under the row of a stream is many subjects': an access to anybody opens it. */
export function coversItem(access: SubjectAccess | undefined, name: string, rowId: string, principal: string): boolean {
  if (subjectOfRow(rowId) !== undefined) return covers(access, name, rowId, principal);
  return access !== undefined && access.principal === principal && subjectsOf(access) !== undefined && meets(access, name);
}

/** Whether a principal checks tags under this row: a subject's the auditor alone, who shows nothing; others as topology/key-table.ts says. */
export function mayCheck(principal: string, rowId: string): boolean {
  if (subjectOfRow(rowId) !== undefined && principal !== 'auditor') return false;
  const rows = KEY_TABLE.find(({ prefix }) => rowId.startsWith(prefix));
  return rows !== undefined && permits(rows.allow, principal, 'get');
}

export function sealedFromReader(stream: string): JoulekeepError {
  return new JoulekeepError('ERR_SUBJECT_SEALED', `${stream}: holds data of a subject that the reader has no access to`);
}

function meets({ from, until }: SubjectAccess, stream: string): boolean {
  const date = /(\d{4}-\d{2}-\d{2})(?:\.\d+)?$/.exec(stream)?.[1];
  if (date === undefined) return false;
  const midnight = Date.parse(`${date}T00:00:00Z`);
  const end = midnight + (stream.startsWith('bill/') ? PERIOD_MS : DAY_AND_ZONE_MS);
  return midnight - ZONE_AHEAD_MS < until && end > from;
}
