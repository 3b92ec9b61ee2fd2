import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { PendingCertificates } from '../../platform/ports/pending-certificates.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { makeCounters } from '../middleware/counters.ts';
import { eachRecord } from '../middleware/each-record.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { takeNotice } from './take-notice.ts';

/** What the gateway tells of devices: queues `registrations` and `violations`. @source X.1332 8.1, 10.1 */
export const makeEnrol = (platform: Platform, pending: PendingCertificates) => {
  const counters = makeCounters('enrol');
  const log = handlerLog('enrol', platform);
  const context = { platform, pending, counters, log };
  return middy<SQSEvent, SQSBatchResponse>()
    .use(observed('enrol', { clock: platform.clock, log }, counters))
    .handler((event, lambda) => eachRecord(event, lambda, log, (record) => takeNotice(context, record.body)));
};
