import { JoulekeepError } from '../../events/errors.ts';
import type { EventStore, SubjectKey } from '../../platform/ports/event-store.ts';

interface OfSubjects {
  readonly places: readonly { readonly subject: SubjectKey }[];
}

/**
 * Loads the keys of everybody whose days these are. Parts of days of somebody who was erased are left out: no key is made for them again,
 * and nobody else's day waits for that.
 */
export async function withKeys<Job extends OfSubjects>(events: EventStore, jobs: readonly Job[]): Promise<readonly Job[]> {
  const subjects = new Map(jobs.flatMap(({ places }) => places.map(({ subject }) => [nameOf(subject), subject])));
  if (await isPrepared(events, [...subjects.values()])) return jobs;
  const erased = new Set<string>();
  for (const [name, subject] of subjects) if (!(await isPrepared(events, [subject]))) erased.add(name);
  return jobs.map((job) => ({ ...job, places: job.places.filter(({ subject }) => !erased.has(nameOf(subject))) }));
}

async function isPrepared(events: EventStore, subjects: readonly SubjectKey[]): Promise<boolean> {
  try {
    await events.prepare(subjects);
    return true;
  } catch (error) {
    if (error instanceof JoulekeepError && error.code === 'ERR_SUBJECT_ERASED') return false;
    throw error;
  }
}

function nameOf(subject: SubjectKey): string {
  return `${subject.of === 'usage' ? subject.month : ''}/${subject.subject}`;
}
