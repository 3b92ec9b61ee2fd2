import { account } from '../../domain/account/account.ts';
import { type StatedPoint, statedPoint } from '../../domain/usagepoint/stating.ts';
import { usagePoint } from '../../domain/usagepoint/usagepoint.ts';
import type { OpenUsagePoint } from '../../domain/usagepoint/usagepoint-state.ts';
import { UTILITY } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { localDayAt } from '../shared/days/local-days.ts';
import { foldStream, runDecider } from '../shared/streams.ts';
import { usagePointStream } from './change-point.ts';
import { tenancySpans } from './mirror.ts';

/**
 * Tells each tenant of a usage point, past ones as well, what it is to them, in their own account. Who has been the only one needs no telling:
 * everything that was recorded can be shown to them. Repeating it repairs what a crash left undone.
 */
export async function stateToTenants(platform: Platform, id: string, subjects: Iterable<string>): Promise<void> {
  const tenants = [...new Set(subjects)].filter((subject) => subject !== UTILITY);
  if (tenants.length < 2) return;
  const { state, head } = await foldStream(platform.events, usagePointStream(id), usagePoint);
  if (state.status === 'unopened') return;
  for (const tenant of tenants) {
    const stated = { usagePoint: id, through: head.version, ...statedTo(state, tenant), at: platform.clock.now() };
    await runDecider(platform.events, `account/${tenant}`, account, { type: 'StatePoint', ...stated });
  }
}

/** What a usage point is to one of its tenants. */
export function statedTo(state: OpenUsagePoint, tenant: string): StatedPoint {
  const dayAt = (instant: number) => localDayAt(Math.floor(instant / 1000), state.zone).day;
  const spans = tenancySpans(state.tenancy, tenant).map(({ from, until }) => ({
    ...{ from, firstDay: dayAt(from) },
    ...(until === undefined ? {} : { until, lastDay: dayAt(until - 1) }),
  }));
  return statedPoint(state, spans);
}
