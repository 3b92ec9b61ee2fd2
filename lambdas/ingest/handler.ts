import middy, { type MiddyfiedHandler } from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { allowListed } from '../middleware/allow-listed.ts';
import { makeCounters } from '../middleware/counters.ts';
import { eachRecord } from '../middleware/each-record.ts';
import { observed } from '../middleware/observed.ts';
import type { Open } from './frame-opening.ts';
import { IngestWorker } from './ingest-worker.ts';
import { INGEST_LIMITS, type IngestLimits } from './limits.ts';

/** Sealed batches from the telemetry queue into segment streams. @source X.1332 9.1, 10.1 */
export function makeIngest(
  platform: Platform,
  defences: Defences,
  options: { limits?: IngestLimits; open?: Open } = {},
): MiddyfiedHandler<SQSEvent, SQSBatchResponse> {
  const log = allowListed(platform.log);
  const counters = makeCounters('ingest');
  const { limits = INGEST_LIMITS, open } = options;
  const worker = new IngestWorker({ platform: { ...platform, log }, counters, defences, limits, open });
  return middy<SQSEvent, SQSBatchResponse>()
    .use(observed('ingest', { clock: platform.clock, log }, counters))
    .handler((event, context) => eachRecord(event, context, log, (record) => worker.take(record.body)));
}
