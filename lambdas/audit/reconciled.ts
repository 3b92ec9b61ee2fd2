import type { AuditPage } from '../../api/console.ts';
import type { AuditEvent } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { subjectOfRow } from '../../platform/ports/subject-rows.ts';
import { instant } from '../http/instants.ts';

type Reconciled = NonNullable<AuditPage['reconciled']>;

/** What came of holding a UTC date against the key service's own record; null until the night behind it. Whose data it was is not told. */
export async function reconciled({ events }: Platform, day: string): Promise<Reconciled | null> {
  const found: { outcome?: Reconciled['outcome']; unexplained: Reconciled['unexplained']; doubts: Reconciled['doubts'] } = {
    unexplained: [],
    doubts: [],
  };
  for await (const commit of events.read(`audit/${day}`)) for (const event of commit.events) add(found, event as AuditEvent);
  const { outcome, unexplained, doubts } = found;
  return outcome === undefined ? null : { outcome, unexplained, doubts };
}

function add(found: { outcome?: Reconciled['outcome'] } & Pick<Reconciled, 'unexplained' | 'doubts'>, event: AuditEvent): void {
  if (event.type === 'AccessUnexplained') {
    const { principal, operation, row, times, first, last } = event.data;
    const key = subjectOfRow(row);
    const data = key?.of === 'usage' ? key.month : key?.of === 'billing' ? 'billing' : 'unknown';
    found.unexplained.push({ principal, operation, data, times, first: instant(first), last: instant(last) });
  } else if (event.type === 'KeyRecordDoubted') {
    const { fault, from, until } = event.data;
    found.doubts.push({ fault, from: instant(from), until: instant(until) });
  } else {
    const { at, calls, openings, verified, refused, unasked = null } = event.data;
    found.outcome = { at: instant(at), calls, openings, verified, refused, unasked };
  }
}
