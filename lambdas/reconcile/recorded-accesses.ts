import { RecordedAccesses } from '../../domain/audit/openings.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { FUNCTIONS } from '../../topology/functions.ts';
import { utcDate } from '../shared/days/utc-date.ts';
import { keptFrom } from '../shared/retained/kept-commits.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** What a person has run at a terminal may open for so long after its access was recorded. */
const RUN_OF_PERSON_MS = 4 * 60 * MINUTE_MS;
/** A function ends after 15 minutes, and a key it holds goes on for as long. */
const RUN_OF_FUNCTION_MS = 30 * MINUTE_MS;

const FUNCTIONS_OF: ReadonlySet<string> = new Set(FUNCTIONS.map(({ principal }) => principal));

/** How long before an opening the access may have been recorded that explains it, ms. */
export function openFor(principal: string): number {
  return FUNCTIONS_OF.has(principal) ? RUN_OF_FUNCTION_MS : RUN_OF_PERSON_MS;
}

/** Accesses that may explain what was opened on a UTC date: of that day, and of the end of the day before. */
export async function accessesAround({ events }: Platform, day: string): Promise<RecordedAccesses> {
  const accesses = new RecordedAccesses();
  const start = Date.parse(day);
  for (const date of [utcDate(start - DAY_MS), day])
    for await (const stream of events.streams(`access/${date}.`))
      for await (const commit of events.read(stream, await keptFrom(events, stream)))
        for (const { type, data } of commit.events) if (type === 'DataAccessed' && data.at >= start - RUN_OF_PERSON_MS) accesses.add(data);
  return accesses;
}
