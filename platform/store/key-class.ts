import { JoulekeepError } from '../../events/errors.ts';
import type { SubjectKey } from '../ports/event-store.ts';
import { rowIdOf, SUBJECT_KEK, subjectOfRow, subjectRowsOf } from '../ports/subject-rows.ts';

const DAY_MS = 86_400_000;

/** KMS key that wraps the data keys of streams that hold no subject's data. */
const STORE_KEK = 'store-kek';

/** Which rows of the key table hold the data keys of a stream, and for how long a row seals new commits. */
export interface KeyClass {
  /** Row ids are this and the 13-digit UTC ms of creation: the newest sorts last, and none is ever used twice. */
  readonly prefix: string;
  readonly rotateMs: number;
  readonly wrappedBy: string;
}

/**
 * A segment has keys of its own, renewed every 28 days, and who signed in has one for each person and month: both die alone. Meter days lie
 * under a key of their subject and month, bills under one of their subject and year; other streams share one per class and year.
 * @throws ERR_SUBJECT_MISSING; whether the subject is one for the stream is `checkSubjectKey`'s to say
 */
export function keyClassOf(stream: string, subject?: SubjectKey): KeyClass {
  if (subject !== undefined) return subjectClass(subject);
  checkSubjectKey(stream, subject);
  if (stream.startsWith('segment/')) return { prefix: `${stream}/`, rotateMs: 28 * DAY_MS, wrappedBy: STORE_KEK };
  if (stream.startsWith('sign-in/')) return { prefix: `${stream}/`, rotateMs: 365 * DAY_MS, wrappedBy: STORE_KEK };
  const prefix = `stream-class/${stream.slice(0, stream.indexOf('/'))}/`;
  return { prefix, rotateMs: 365 * DAY_MS, wrappedBy: STORE_KEK };
}

/** A month's key lasts as long as its days are kept; only a tenancy corrected afterwards brings a new row. */
export function subjectClass(subject: SubjectKey): KeyClass {
  const rotateMs = (subject.of === 'billing' ? 365 : 800) * DAY_MS;
  return { prefix: subjectRowsOf(subject), rotateMs, wrappedBy: SUBJECT_KEK };
}

/** Whether a commit of this stream may name this row. */
export function keyMayServe(stream: string, rowId: string): boolean {
  if (kindOf(stream) === undefined) return rowId.startsWith(keyClassOf(stream).prefix);
  const row = subjectOfRow(rowId);
  return row !== undefined && kindOf(stream) === row.of && (row.of === 'billing' || row.month === monthOf(stream));
}

export function keyRowId(keyClass: KeyClass, createdAt: number): string {
  return rowIdOf(keyClass.prefix, createdAt);
}

/** What a row's id has before its 13 digits. */
export function keyClassPrefix(rowId: string): string {
  return rowId.slice(0, -13);
}

/** UTC ms, from the row id. */
export function keyCreatedAt(rowId: string): number {
  return Number(rowId.slice(-13));
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
