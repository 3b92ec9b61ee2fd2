import type { DayFrame, DomainEvent, MeterDayEvent } from '../../events/index.ts';
import type { RecordedCommit } from '../../platform/ports/event-store.ts';
import { subjectOfRow } from '../../platform/ports/subject-rows.ts';

/** A fact of a day, where it stands, and whose the day was before. */
export interface DayFact {
  readonly stream: string;
  readonly version: number;
  readonly event: MeterDayEvent;
  readonly frame: DayFrame;
  readonly former: string | undefined;
}

/** Facts of one day from a version on, in their order. @param commits from the day's first on */
export function dayFacts(commits: readonly RecordedCommit[], from: number): readonly DayFact[] {
  const facts: DayFact[] = [];
  let frame: DayFrame | undefined;
  let former: string | undefined;
  for (const { stream, version, events, sealedBy = '' } of commits) {
    for (const [i, event] of events.entries()) {
      frame = frameOf(event) ?? frame;
      if (frame === undefined || version + i < from) continue;
      facts.push({ stream, version: version + i, event: event as MeterDayEvent, frame, former });
    }
    // A destroyed key still says whose it was.
    former = subjectOfRow(sealedBy)?.subject ?? former;
  }
  return facts;
}

function frameOf(event: DomainEvent): DayFrame | undefined {
  return event.type === 'ReadingsCollected' || event.type === 'DayResealed' ? event.data.frame : undefined;
}
