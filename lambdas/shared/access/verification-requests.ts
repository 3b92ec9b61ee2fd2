import type { VerificationRequested } from '../../../events/index.ts';
import type { EventStore } from '../../../platform/ports/event-store.ts';
import { appendFacts } from '../append-facts.ts';
import { utcDate } from '../days/utc-date.ts';

const DAY_MS = 86_400_000;
/** As long as a run of a person at a terminal. */
const COVERS_MS = 4 * 3_600_000;
/** Records of whole seconds, and clocks of two services. */
const SKEW_MS = 2_000;

/** Says that somebody is about to verify. @returns up to when that is covered, UTC ms */
export async function requestVerification(events: EventStore, person: string, at: number): Promise<number> {
  const until = at + COVERS_MS;
  await appendFacts(events, streamOf(at), [{ type: 'VerificationRequested', data: { person, until, at } }]);
  return until;
}

/** Those that may cover an instant of a UTC date: of that day, and of the day before. @param day its begin, UTC ms */
export async function requestsAround(events: Pick<EventStore, 'read'>, day: number): Promise<readonly VerificationRequested[]> {
  const found: VerificationRequested[] = [];
  for (const at of [day - DAY_MS, day])
    for await (const commit of events.read(streamOf(at)))
      for (const { type, data } of commit.events) if (type === 'VerificationRequested') found.push(data);
  return found;
}

/** Whether somebody had said so before. @param at UTC ms, by the record of another service */
export function isCovered(requests: readonly VerificationRequested[], at: number): boolean {
  return requests.some((asked) => asked.at <= at + SKEW_MS && at <= asked.until + SKEW_MS);
}

function streamOf(at: number): string {
  return `verification/${utcDate(at)}`;
}
