import type { PeriodDates } from '../../domain/billing/period-calendar.ts';
import { usagePoint } from '../../domain/usagepoint/usagepoint.ts';
import { UTILITY } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { foldStream } from '../shared/streams.ts';
import { spansOf } from './places.ts';
import type { BillTarget } from './run-bills.ts';

/** Everybody who has a tenancy in the period, by usage point. Feeder heads and vacant homes have no bill. */
export async function targetsOf({ events }: Pick<Platform, 'events'>, period: PeriodDates): Promise<readonly BillTarget[]> {
  const targets: BillTarget[] = [];
  for await (const stream of events.streams('usagepoint/')) {
    const { state } = await foldStream(events, stream, usagePoint);
    if (state.status === 'unopened' || state.meterClass === 'grid') continue;
    const accounts = new Set(state.tenancy.map(({ subject }) => subject).filter((subject) => subject !== UTILITY));
    for (const account of accounts) {
      if (spansOf(state, account, period).length > 0) targets.push({ account, usagePoint: state.usagePoint });
    }
  }
  return targets;
}
