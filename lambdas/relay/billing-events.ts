import { BILLING_DAY, BILLING_TYPE, type BillingEvent } from '../../events/catalogue/billing.ts';
import type { DayFrame, DomainEvent, MeterDayEvent } from '../../events/index.ts';
import type { RecordedCommit } from '../../platform/ports/event-store.ts';

const SOURCE = 'joulekeep/meterday';

/** What billing is told of one day from a version on, in the order of the facts. @param commits from the day's first on */
export function billingEvents(commits: readonly RecordedCommit[], from: number): readonly BillingEvent[] {
  const told: BillingEvent[] = [];
  let frame: DayFrame | undefined;
  for (const { stream, version, events } of commits) {
    for (const [i, event] of events.entries()) {
      frame = frameOf(event) ?? frame;
      if (frame !== undefined && version + i >= from) told.push(...toldOf(stream, version + i, frame, event as MeterDayEvent));
    }
  }
  return told;
}

function frameOf(event: DomainEvent): DayFrame | undefined {
  return event.type === 'ReadingsCollected' || event.type === 'DayResealed' ? event.data.frame : undefined;
}

function toldOf(stream: string, version: number, frame: DayFrame, event: MeterDayEvent): BillingEvent[] {
  if (event.type !== 'DayFinalized' && event.type !== 'DayRestated') return [];
  const { usagePoint, subject: account, meterId, day, part } = frame;
  const { revision, held, at } = event.data;
  return [
    {
      specversion: '1.0',
      id: `${stream}/${version}`,
      source: SOURCE,
      type: event.type === 'DayFinalized' ? BILLING_TYPE.finalized : BILLING_TYPE.restated,
      subject: usagePoint,
      time: new Date(at).toISOString(),
      datacontenttype: 'application/json',
      data: BILLING_DAY.parse({ usagePoint, account, meterId, day, part, revision, held, stream, version }),
    },
  ];
}
