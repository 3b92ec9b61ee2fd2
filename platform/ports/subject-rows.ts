import type { SubjectKey } from './event-store.ts';

/** KMS key that wraps the data keys of subjects. */
export const SUBJECT_KEK = 'subject-kek';

/** Ids of a subject's rows in the key table begin so; the 13-digit UTC ms of their creation follows. */
export function subjectRowsOf(subject: SubjectKey): string {
  return subject.of === 'billing' ? `billing/${subject.subject}/` : `usage/${subject.subject}/${subject.month}/`;
}

/** Ids of all rows of that kind of the subject, of every month, begin so. @param rows as `subjectRowsOf` names them */
export function wholeSubjectOf(rows: string): string {
  return `${rows.split('/', 2).join('/')}/`;
}

/** Whose row it is; undefined for rows that are nobody's. */
export function subjectOfRow(rowId: string): SubjectKey | undefined {
  const [of, subject = '', ...rest] = rowId.split('/');
  if (of === 'usage' && rest.length === 2) return { of, subject, month: rest[0]! };
  return of === 'billing' && rest.length === 1 ? { of, subject } : undefined;
}

/** Id of a row made at an instant, UTC ms: the newest sorts last. */
export function rowIdOf(prefix: string, createdAt: number): string {
  return prefix + String(createdAt).padStart(13, '0');
}

/** Encryption context of a row's wrapped key. */
export function rowContextOf(rowId: string): Record<string, string> {
  const row = subjectOfRow(rowId);
  return row === undefined ? { row: rowId } : { row: rowId, subject: row.subject };
}
