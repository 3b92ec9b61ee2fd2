import middy from '@middy/core';
import type { ScheduledEvent } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import { ALL_DEFENCES, type Defences } from '../../topology/defences.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { finishMoves } from './move-meter.ts';
import { type ReleaseRequest, releaseAsked } from './release-asked.ts';
import { runDuties } from './run-duties.ts';
import { type RestoredRequest, takeUpRestore } from './take-up-restore.ts';

/** The hourly duties: epochs destroyed in time, overdue ones alarmed, replaced certificates revoked, silent meters asked; and once, when people ask for it, what follows a restore, or the release of a device. @source X.1332 8.1, 10.1 */
export const makeMaintenance = (platform: Platform, defences: Defences = ALL_DEFENCES) => {
  const counters = makeCounters('maintenance');
  const log = handlerLog('maintenance', platform);
  return middy<ScheduledEvent | RestoredRequest | ReleaseRequest, void>()
    .use(observed('maintenance', { clock: platform.clock, log }, counters))
    .handler(async (event) => {
      if ('restoredTo' in event) {
        const { waiting, streams, receipt = '', lookAt } = await takeUpRestore(platform, event);
        log.warn('streams taken back by a restore', { code: 'RESTORED', count: streams, reason: receipt });
        for (const reason of lookAt) log.warn('device to look at', { code: 'DEVICE_CUT_OFF_AGAIN', reason });
        return log.warn('meters wait for new keys', { code: 'RESTORED', count: waiting });
      }
      if ('release' in event)
        return log.warn('device amended by hand', { code: 'DEVICE_AMENDED', reason: await releaseAsked(platform, event) });
      const { destroyed, overdue, revoked, silent } = await runDuties(platform, defences);
      if (overdue > 0) log.warn('epochs overdue', { code: 'EPOCH_OVERDUE', count: overdue });
      if (silent > 0) log.warn('meters silent', { code: 'METERS_SILENT', count: silent });
      counters.add('MetersSilent', silent);
      counters.add('EpochsDestroyed', destroyed);
      counters.add('EpochsOverdue', overdue);
      counters.add('CertificatesRevoked', revoked);
      counters.add('MovesFinished', await finishMoves(platform));
    });
};
