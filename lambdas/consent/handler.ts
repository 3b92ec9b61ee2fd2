import middy from '@middy/core';
import type { ScheduledEvent } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { Consents } from './consents.ts';
import { expireConsents } from './expire-consents.ts';

/** Ends consents whose time has come. */
export const makeConsent = (platform: Platform, defences: Defences) => {
  const counters = makeCounters('consent');
  const log = handlerLog('consent', platform);
  const consents = new Consents(platform, defences);
  return middy<ScheduledEvent, void>()
    .use(observed('consent', { clock: platform.clock, log }, counters))
    .handler(async () => {
      counters.add('ConsentsExpired', await expireConsents(platform, consents));
    });
};
