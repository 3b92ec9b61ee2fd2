import { createHash } from 'node:crypto';
import { type AccessPurpose, type DisclosureGrounds, JoulekeepError } from '../../../events/index.ts';
import type { Platform } from '../../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../../platform/ports/subject-access.ts';
import { grantSubjectAccess, subjectsOf } from '../../../platform/ports/subject-grants.ts';
import { utcDate } from '../days/utc-date.ts';
import { recordAccess } from './access-records.ts';

/** What is asked for: one request may cover the subjects of a whole run. */
export interface SubjectRequest {
  readonly purpose: AccessPurpose;
  /** Window of the data, UTC ms. */
  readonly from: number;
  readonly until: number;
  readonly subjects: Iterable<string>;
  /** On whose behalf, where it is a person's. */
  readonly person?: string;
  /** Where the data leaves the service. */
  readonly grounds?: DisclosureGrounds;
}

/** Characters of names in one event: with the rest of it, well within a commit. */
const NAMES_PER_EVENT = 48_000;

/**
 * The one way to subject data. Writes DataAccessed to `access/<UTC date>.<principal>` (customers' own looks: to one of sixteen), in as many events as the subjects need,
 * and returns the access when all of them are on stable storage. What cannot be recorded is not opened.
 * @throws ERR_ACCESS_EMPTY for no subjects or no window
 */
export async function openSubjectData(platform: Platform, request: SubjectRequest): Promise<SubjectAccess> {
  const { purpose, from, until, person, grounds } = request;
  const { principal, clock } = platform;
  const subjects = [...new Set(request.subjects)];
  if (subjects.length === 0 || !(from < until))
    throw new JoulekeepError('ERR_ACCESS_EMPTY', 'an access names subjects and a window of time');
  const at = clock.now();
  const stream = `access/${utcDate(at)}.${principal}${purpose === 'customer-view' ? `.${lotOf(subjects[0]!)}` : ''}`;
  const asked = {
    ...{ principal, purpose, from, until },
    ...(person === undefined ? {} : { person }),
    ...(grounds === undefined ? {} : { grounds }),
  };
  for (const part of inParts(subjects)) await recordAccess(platform.events, stream, { ...asked, subjects: part, at });
  return grantSubjectAccess({ principal, purpose, from, until }, subjects);
}

/** Whether an access is one, and to this subject. For what lies together with others' data, so that no key of theirs says it. */
export function isOpenTo(access: SubjectAccess, subject: string): boolean {
  return subjectsOf(access)?.has(subject) ?? false;
}

/** Customers look at their own from many processes at once: sixteen streams a day, so that those rarely wait for each other. */
export function lotOf(subject: string): string {
  return createHash('sha256').update(subject).digest('hex').slice(0, 1);
}

function* inParts(subjects: readonly string[]): Generator<string[], void, void> {
  let part: string[] = [];
  let length = 0;
  for (const subject of subjects) {
    if (length + subject.length + 3 > NAMES_PER_EVENT) {
      yield part;
      part = [];
      length = 0;
    }
    part.push(subject);
    length += subject.length + 3;
  }
  yield part;
}
