import { JoulekeepError } from '../../events/errors.ts';
import type { SubjectKey } from '../ports/event-store.ts';

const DAY_MS = 86_400_000;

/** KMS keys that wrap the data keys: of streams, and of streams that hold a subject's data. */
export const STORE_KEK = 'store-kek';
export const SUBJECT_KEK = 'subject-kek';

/** Which rows of the key table hold the data keys of a stream, and for how long a row seals new commits. */
export interface KeyClass {
  /** Row ids are this and the 13-digit UTC ms of creation: the newest sorts last, and none is ever used twice. */
  readonly prefix: string;
  readonly rotateMs: number;
  readonly wrappedBy: string;
}

/**
 * A segment has keys of its own, renewed every 28 days. Meter days lie under a key of their subject and month, bills under
 * one of their subject and year; other streams share one per class and year.
 * @throws ERR_SUBJECT_MISSING, ERR_SUBJECT_INVALID
 */
export function keyClassOf(stream: string, subject?: SubjectKey): KeyClass {
  checkSubjectKey(stream, subject);
  if (subject !== undefined) return subjectClass(subject);
  if (stream.startsWith('segment/')) return { prefix: `${stream}/`, rotateMs: 28 * DAY_MS, wrappedBy: STORE_KEK };
  const prefix = `stream-class/${stream.slice(0, stream.indexOf('/'))}/`;
  return { prefix, rotateMs: 365 * DAY_MS, wrappedBy: STORE_KEK };
}

/** A month's key lasts as long as its days are kept; only a tenancy corrected afterwards brings a new row. */
export function subjectClass(subject: SubjectKey): KeyClass {
  if (subject.of === 'billing') return { prefix: `billing/${subject.subject}/`, rotateMs: 365 * DAY_MS, wrappedBy: SUBJECT_KEK };
  return { prefix: `usage/${subject.subject}/${subject.month}/`, rotateMs: 800 * DAY_MS, wrappedBy: SUBJECT_KEK };
}

/** Encryption context of a row's wrapped key. */
export function keyContextOf(rowId: string): Record<string, string> {
  const row = subjectRow(rowId);
  return row === undefined ? { row: rowId } : { row: rowId, subject: row.subject };
}

/** Whether a commit of this stream may name this row. */
export function keyMayServe(stream: string, rowId: string): boolean {
  if (!holdsSubjectData(stream)) return rowId.startsWith(keyClassOf(stream).prefix);
  const row = subjectRow(rowId);
  return row !== undefined && kindOf(stream) === row.of && (row.of === 'billing' || row.month === monthOf(stream));
}

/** Whose row it is; undefined for rows that are nobody's. */
export function subjectRow(rowId: string): SubjectKey | undefined {
  const [of, subject = '', ...rest] = rowId.split('/');
  if (of === 'usage' && rest.length === 2) return { of, subject, month: rest[0]! };
  return of === 'billing' && rest.length === 1 ? { of, subject } : undefined;
}

export function keyRowId(keyClass: KeyClass, createdAt: number): string {
  return keyClass.prefix + String(createdAt).padStart(13, '0');
}

/** UTC ms, from the row id. */
export function keyCreatedAt(rowId: string): number {
  return Number(rowId.slice(-13));
}

/** Streams whose commits lie under a subject's key. */
export function holdsSubjectData(stream: string): boolean {
  return kindOf(stream) !== undefined;
}

const SUBJECT = /^[A-Za-z0-9._-]{1,64}$/;
const METER_DAY = /^meterday\/[^/]+\/(\d{4}-\d{2})-\d{2}(?:\.\d+)?$/;

/** @throws ERR_SUBJECT_MISSING, ERR_SUBJECT_INVALID */
export function checkSubjectKey(stream: string, subject: SubjectKey | undefined): void {
  const kind = kindOf(stream);
  if (subject === undefined) {
    if (kind === undefined) return;
    throw new JoulekeepError('ERR_SUBJECT_MISSING', `${stream}: holds a subject's data and names no subject`);
  }
  const fits =
    kind === subject.of &&
    SUBJECT.test(subject.subject) &&
    (subject.of === 'usage' ? subject.month === monthOf(stream) : stream.startsWith(`bill/${subject.subject}/`));
  if (!fits) throw new JoulekeepError('ERR_SUBJECT_INVALID', `${stream}: the subject named is not one this stream can have`);
}

function kindOf(stream: string): SubjectKey['of'] | undefined {
  if (stream.startsWith('meterday/')) return 'usage';
  return stream.startsWith('bill/') ? 'billing' : undefined;
}

function monthOf(stream: string): string | undefined {
  return METER_DAY.exec(stream)?.[1];
}
