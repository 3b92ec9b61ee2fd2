import { movedSpans, partsBetween, type SubjectSpan } from '../../domain/usagepoint/tenancy.ts';
import { usagePoint } from '../../domain/usagepoint/usagepoint.ts';
import type { OpenUsagePoint, UsagePointState } from '../../domain/usagepoint/usagepoint-state.ts';
import { type DomainEvent, JoulekeepError, type TenancyCut, UTILITY } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { usagePointStream } from './change-point.ts';

/** How the tenancy of a usage point came to be what it is. */
export interface TenancyHistory {
  readonly state: OpenUsagePoint;
  /** Everybody whose it ever was said to be, UTILITY among them. */
  readonly subjects: ReadonlySet<string>;
  /** What each change took from whom, of the time before it was recorded; oldest first. */
  readonly moves: readonly { readonly span: SubjectSpan; readonly recordedAt: number; readonly version: number }[];
}

/** @throws ERR_POINT_UNKNOWN */
export async function tenancyHistory(platform: Pick<Platform, 'events'>, id: string): Promise<TenancyHistory> {
  const subjects = new Set([UTILITY]);
  const moves: TenancyHistory['moves'][number][] = [];
  let state: UsagePointState = usagePoint.initial;
  for await (const { events, version, recordedAt } of platform.events.read(usagePointStream(id))) {
    for (const [i, event] of events.entries()) {
      const before = state;
      state = usagePoint.evolve(state, event);
      for (const { subject } of cutsOf(event)) subjects.add(subject);
      if (before.status === 'unopened' || state.status === 'unopened') continue;
      const from = Math.min(recordedAt, ...before.tenancy.map((cut) => cut.from), ...state.tenancy.map((cut) => cut.from));
      for (const span of [...movedSpans(before.tenancy, state.tenancy, from, recordedAt), ...takenFromUtility(event, state, recordedAt)])
        moves.push({ span, recordedAt, version: version + i });
    }
  }
  if (state.status === 'unopened') throw new JoulekeepError('ERR_POINT_UNKNOWN', `${id}: there is no such usage point`);
  return { state, subjects, moves };
}

/** Until a meter was said to hang here its days were the utility's own. */
function takenFromUtility(event: DomainEvent, { tenancy }: OpenUsagePoint, recordedAt: number): SubjectSpan[] {
  if (event.type !== 'MeterInstalled' || event.data.from >= recordedAt) return [];
  const tenants = partsBetween(tenancy, event.data.from, recordedAt).filter(({ subject }) => subject !== UTILITY);
  return tenants.map((span) => ({ ...span, subject: UTILITY }));
}

function cutsOf(event: DomainEvent): readonly TenancyCut[] {
  if (event.type === 'TenancyCut') return [event.data];
  return event.type === 'TenancyCorrected' ? event.data.cuts : [];
}
