import { meterDay } from '../../domain/meterday/meterday.ts';
import type { MeterDayState, OpenDay } from '../../domain/meterday/state.ts';
import type { BillStatement, DomainEvent } from '../../events/index.ts';
import type { CommitEvidence } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { subjectOfRow } from '../../platform/ports/subject-rows.ts';
import { isSealedFromReader, openDays } from '../shared/days/day-streams.ts';
import { impossible } from './impossible.ts';

type Input = BillStatement['inputs'][number];

/** A day as it stood in the revision that was billed, and the commits that show it. */
export interface ProvenDay {
  readonly state: OpenDay;
  readonly evidence: readonly CommitEvidence[];
}

/** Commits of the days that a bill names, in order of stream and version, each day up to the revision that was billed. */
export async function dayEvidence(platform: Platform, inputs: readonly Input[], access: SubjectAccess): Promise<readonly ProvenDay[]> {
  const days: ProvenDay[] = [];
  for (const input of inputs) days.push(await provenDay(input, await commitsOf(platform, input.stream, access)));
  return days;
}

/**
 * A day that was somebody else's before a tenancy was corrected begins for its subject with what it was sealed again as; what lies before is
 * opened behind a record of its own, and not handed out.
 */
async function commitsOf(platform: Platform, stream: string, access: SubjectAccess): Promise<readonly CommitEvidence[]> {
  try {
    return await Array.fromAsync(platform.events.evidence(stream, 0, access));
  } catch (error) {
    if (!isSealedFromReader(error)) throw error;
    const all = await openDays(platform, access.purpose, [{ stream }]);
    const commits = await Array.fromAsync(platform.events.evidence(stream, 0, all));
    const own = rowOwner(commits.at(-1));
    return commits.slice(commits.findLastIndex((commit) => rowOwner(commit) !== own) + 1);
  }
}

function rowOwner(commit: CommitEvidence | undefined): string {
  return subjectOfRow(commit?.recorded.sealedBy ?? '')?.subject ?? '';
}

async function provenDay({ stream, revision }: Input, commits: readonly CommitEvidence[]): Promise<ProvenDay> {
  let state: MeterDayState = meterDay.initial;
  for (const [i, { recorded }] of commits.entries()) {
    for (const event of recorded.events) {
      state = meterDay.evolve(state, event);
      if (state.status === 'open' && isOutcome(event, revision)) return { state, evidence: commits.slice(0, i + 1) };
    }
  }
  throw impossible(`${stream}: revision ${revision}, which was billed, is not there`);
}

/** Whether an event says how a day stands in a revision. */
export function isOutcome({ type, data }: DomainEvent, revision: number): boolean {
  return (type === 'DayProvisional' || type === 'DayFinalized' || type === 'DayRestated') && data.revision === revision;
}
