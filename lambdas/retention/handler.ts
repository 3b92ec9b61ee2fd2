import middy from '@middy/core';
import type { ScheduledEvent } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { runRetention } from './run-retention.ts';
import { tellKept } from './tell-kept.ts';

/** Daily: deletes and archives what is past its time. @source X.1332 10.1, 10.3 */
export const makeRetention = (platform: Platform) => {
  const counters = makeCounters('retention');
  const log = handlerLog('retention', platform);
  return middy<ScheduledEvent, void>()
    .use(observed('retention', { clock: platform.clock, log }, counters))
    .handler(async () => {
      const { segments, relays, access, quarantined, models, signIns, months, days, failed } = await runRetention(platform);
      for (const { segment, kept } of segments) if (kept !== undefined) tellKept(log, 'telemetry kept', `segment/${segment}`, kept);
      for (const { stream, kept } of [...relays, ...access]) if (kept !== undefined) tellKept(log, 'kept too long', stream, kept);
      if (failed > 0) log.error('retention failed', { code: 'RETENTION_FAILED', count: failed });
      counters.add('TelemetryEventsDeleted', eventsOf(segments));
      counters.add('RelayEventsDeleted', eventsOf(relays));
      counters.add('AccessEventsDeleted', eventsOf(access));
      counters.add('QuarantineObjectsDeleted', quarantined);
      counters.add('ForecastModelsDeleted', models);
      counters.add('SignInKeysDestroyed', signIns);
      counters.add('MonthsArchived', months);
      counters.add('MeterDaysArchived', days);
      counters.add('RetentionFailed', failed);
    });
};

function eventsOf(trimmed: readonly { readonly events: number }[]): number {
  return trimmed.reduce((sum, { events }) => sum + events, 0);
}
