import middy from '@middy/core';
import type { ScheduledEvent } from 'aws-lambda';
import type { KmsRecord } from '../../platform/ports/kms-record.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { dueDays } from './due-days.ts';
import { reconcileDay } from './reconcile-day.ts';

/**
 * Hourly, for what is due once a day: what the key service says was opened, against what functions said that they would open. It opens no
 * subject's data. @source X.1332 10.1, 10.3
 */
export const makeReconcile = (platform: Platform, record: KmsRecord, defences: Pick<Defences, 'accessReconciliation'>) => {
  const counters = makeCounters('reconcile');
  const log = handlerLog('reconcile', platform);
  return middy<ScheduledEvent, void>()
    .use(observed('reconcile', { clock: platform.clock, log }, counters))
    .handler(async () => {
      const { days, last } = await dueDays(platform, record);
      let after = last?.end;
      for (const day of days) {
        const { end, unexplained, doubts, unasked = 0 } = await reconcileDay(platform, record, defences, day, after);
        after = end;
        const stream = `audit/${day}`;
        if (unexplained > 0)
          log.error('keys opened without an access on record', { code: 'ACCESS_UNEXPLAINED', stream, count: unexplained });
        if (doubts > 0) log.error('the key service’s record is not whole', { code: 'KEY_RECORD_DOUBTED', stream, count: doubts });
        if (unasked > 0)
          log.error('the auditor opened keys, and nobody had asked', { code: 'VERIFICATION_UNASKED', stream, count: unasked });
        counters.add('VerificationUnasked', unasked);
        counters.add('AccessUnexplained', unexplained);
        counters.add('KeyRecordDoubted', doubts);
      }
    });
};
