import { BILLING_DAY, BILLING_MOVE, BILLING_TYPE, type BillingEvent } from '../../events/catalogue/billing.ts';
import type { DayFrame, DayResealed, DomainEvent, MeterDayEvent } from '../../events/index.ts';
import type { RecordedCommit } from '../../platform/ports/event-store.ts';
import { subjectOfRow } from '../../platform/ports/subject-rows.ts';

const SOURCE = 'joulekeep/meterday';

/** A fact of a day, where it stands, and whose the day was before. */
interface Fact {
  readonly stream: string;
  readonly version: number;
  readonly event: MeterDayEvent;
  readonly frame: DayFrame;
  readonly former: string | undefined;
}

/** What billing is told of one day from a version on, in the order of the facts. @param commits from the day's first on */
export function billingEvents(commits: readonly RecordedCommit[], from: number): readonly BillingEvent[] {
  const told: BillingEvent[] = [];
  let frame: DayFrame | undefined;
  let former: string | undefined;
  for (const { stream, version, events, sealedBy = '' } of commits) {
    for (const [i, event] of events.entries()) {
      frame = frameOf(event) ?? frame;
      if (frame === undefined || version + i < from) continue;
      told.push(...toldOf({ stream, version: version + i, event: event as MeterDayEvent, frame, former }));
    }
    // A destroyed key still says whose it was.
    former = subjectOfRow(sealedBy)?.subject ?? former;
  }
  return told;
}

function frameOf(event: DomainEvent): DayFrame | undefined {
  return event.type === 'ReadingsCollected' || event.type === 'DayResealed' ? event.data.frame : undefined;
}

function toldOf(fact: Fact): BillingEvent[] {
  const { stream, version, event, frame, former } = fact;
  const { usagePoint, subject: account, meterId, day, part } = frame;
  const place = { usagePoint, account, meterId, day, part, stream, version };
  switch (event.type) {
    case 'DayFinalized':
    case 'DayRestated': {
      const { revision, held } = event.data;
      const type = event.type === 'DayFinalized' ? BILLING_TYPE.finalized : BILLING_TYPE.restated;
      return [{ ...envelope(fact, event.data.at), type, data: BILLING_DAY.parse({ ...place, revision, held }) }];
    }
    case 'DayResealed': {
      if (former === account && isWhole(event.data)) return [];
      const data = BILLING_MOVE.parse({ ...place, ...(former === undefined ? {} : { former }) });
      return [{ ...envelope(fact, event.data.at), type: BILLING_TYPE.moved, data }];
    }
    default:
      return [];
  }
}

function envelope({ stream, version, frame }: Fact, at: number) {
  return {
    specversion: '1.0',
    id: `${stream}/${version}`,
    source: SOURCE,
    subject: frame.usagePoint,
    time: new Date(at).toISOString(),
    datacontenttype: 'application/json',
  } as const;
}

/** A day whose bounds stayed keeps how it stood: only its key is another. */
function isWhole({ history }: DayResealed): boolean {
  return history.some(({ type }) => type === 'DayProvisional' || type === 'DayFinalized' || type === 'DayRestated');
}
