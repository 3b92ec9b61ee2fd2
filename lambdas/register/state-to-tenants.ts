import { usagePoint } from '../../domain/usagepoint/usagepoint.ts';
import type { StatePoint } from '../../domain/usagepoint/usagepoint-command.ts';
import type { OpenUsagePoint } from '../../domain/usagepoint/usagepoint-state.ts';
import { UTILITY } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { localDayAt } from '../shared/days/local-days.ts';
import { runDecider } from '../shared/streams.ts';
import { usagePointStream } from './change-point.ts';
import { tenancySpans } from './mirror.ts';

/**
 * Tells each tenant, past ones as well, what the usage point is to them, each in a commit that speaks of nobody else. Who was told so is told
 * nothing, and who has been the only tenant needs no telling: everything that was recorded can be shown to them.
 * Repeating it repairs what a crash left undone.
 */
export async function stateToTenants(platform: Platform, state: OpenUsagePoint, subjects: Iterable<string>): Promise<void> {
  const stream = usagePointStream(state.usagePoint);
  const tenants = [...new Set(subjects)].filter((subject) => subject !== UTILITY);
  if (tenants.length < 2) return;
  for (const tenant of tenants) await runDecider(platform.events, stream, usagePoint, statementFor(state, tenant, platform.clock.now()));
}

function statementFor({ tenancy, zone }: OpenUsagePoint, subject: string, at: number): StatePoint {
  const dayAt = (instant: number) => localDayAt(Math.floor(instant / 1000), zone).day;
  const spans = tenancySpans(tenancy, subject).map(({ from, until }) => ({
    ...{ from, firstDay: dayAt(from) },
    ...(until === undefined ? {} : { until, lastDay: dayAt(until - 1) }),
  }));
  return { type: 'StatePoint', subject, spans, at };
}
