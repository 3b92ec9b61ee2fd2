import { makeBilling, makeBillRuns } from '../../lambdas/billing/handler.ts';
import { makeBillingFeed, makeBillingTotals } from '../../lambdas/billing-feed/handler.ts';
import { makeCloseDay } from '../../lambdas/close-day/handler.ts';
import { makeConsent } from '../../lambdas/consent/handler.ts';
import { makeDeidentify } from '../../lambdas/deidentify/handler.ts';
import { consentGates } from '../../lambdas/deliver/consent-gate.ts';
import { makeDeliver, makeRedeliver } from '../../lambdas/deliver/handler.ts';
import { makeEms } from '../../lambdas/ems/handler.ts';
import { makeErasure } from '../../lambdas/erasure/handler.ts';
import { expectedDemand } from '../../lambdas/forecast/expected-demand.ts';
import { makeForecast } from '../../lambdas/forecast/handler.ts';
import { makeIngest } from '../../lambdas/ingest/handler.ts';
import type { IngestLimits } from '../../lambdas/ingest/limits.ts';
import { makeKeys } from '../../lambdas/keys/handler.ts';
import { makeLog, makeLogCollect } from '../../lambdas/log/handler.ts';
import { makeLogCheck } from '../../lambdas/log-check/handler.ts';
import { makeMaintenance } from '../../lambdas/maintenance/handler.ts';
import { makeKeyDuties } from '../../lambdas/maintenance/key-duties.ts';
import { makePrices } from '../../lambdas/prices/handler.ts';
import { makeCompositions, makeProject } from '../../lambdas/project/handler.ts';
import { makeReconcile } from '../../lambdas/reconcile/handler.ts';
import { makeRefold } from '../../lambdas/refold/handler.ts';
import { makeReseals } from '../../lambdas/register/handler.ts';
import { makeRelay } from '../../lambdas/relay/handler.ts';
import { makeRetention } from '../../lambdas/retention/handler.ts';
import { makeThirdPartyFeed } from '../../lambdas/third-party-feed/handler.ts';
import type { HostHandlers, ScheduledHandler } from '../../platform/embedded/host/host.ts';
import type { Embedded } from '../../platform/embedded/platform.ts';
import { ALL_DEFENCES, type Defences } from '../../topology/defences.ts';
import { AREA_ZONE } from '../../topology/forecasting.ts';

/** Every function of the service, each made with the platform of its principal. @param keepsAll no retention: nothing is deleted */
export function handlersOn(platform: Embedded, limits: IngestLimits, keepsAll = false): HostHandlers {
  const keys = makeKeys(platform.as('keys'), ALL_DEFENCES);
  const deliver = makeDeliver(platform.as('deliver'), ALL_DEFENCES, consentGates(platform.as('deliver'), ALL_DEFENCES));
  return {
    queues: {
      telemetry: makeIngest(platform.as('ingest'), ALL_DEFENCES, { limits }),
      handshake: keys,
      service: keys,
      billing: makeBilling(platform.as('billing')),
      'billing-feed': makeBillingFeed(platform.as('billing-api'), ALL_DEFENCES),
      'third-party-feed': makeThirdPartyFeed(platform.as('third-party-feed'), ALL_DEFENCES),
      ...{ operator: deliver, 'billing-system': deliver, 'third-party': deliver, customer: deliver },
    },
    feeds: {
      project: makeProject(platform.as('project'), ALL_DEFENCES),
      relay: makeRelay(platform.as('relay'), ALL_DEFENCES),
      'log-collect': makeLogCollect(platform.as('log'), ALL_DEFENCES),
    },
    schedules: schedulesOn(platform, ALL_DEFENCES).filter(({ name }) => !(keepsAll && (name === 'retention' || name === 'erasure'))),
  };
}

/** What the clock asks for. */
export function schedulesOn(platform: Embedded, defences: Defences): readonly ScheduledHandler[] {
  return [
    ...keySchedulesOn(platform, defences),
    { name: 'reseal', everyMinutes: 60, handler: makeReseals(platform.as('archive')) },
    { name: 'close-day', everyMinutes: 60, handler: makeCloseDay(platform.as('close-day'), defences) },
    { name: 'reconcile', everyMinutes: 60, handler: makeReconcile(platform.as('reconcile'), platform.kms.record, defences) },
    { name: 'retention', everyMinutes: 24 * 60, handler: makeRetention(platform.as('archive')) },
    { name: 'erasure', everyMinutes: 60, handler: makeErasure(platform.as('erasure'), defences, platform.identity) },
    { name: 'compositions', everyMinutes: 60, handler: makeCompositions(platform.as('project'), defences) },
    { name: 'refold', everyMinutes: 15, handler: makeRefold(platform.as('project')) },
    { name: 'ems', everyMinutes: 15, handler: makeEms(platform.as('ems'), defences, expectedDemand(platform.as('ems'))) },
    { name: 'forecast', everyMinutes: 60, handler: makeForecast(platform.as('forecast'), AREA_ZONE) },
    { name: 'deidentify', everyMinutes: 24 * 60, handler: makeDeidentify(platform.as('deidentify'), defences) },
    { name: 'billing-totals', everyMinutes: 24 * 60, handler: makeBillingTotals(platform.as('billing-api'), defences) },
    {
      name: 'redeliver',
      everyMinutes: 1,
      handler: makeRedeliver(platform.as('deliver'), defences, consentGates(platform.as('deliver'), defences)),
    },
    { name: 'bill-runs', everyMinutes: 24 * 60, handler: makeBillRuns(platform.as('billing')) },
    { name: 'consent', everyMinutes: 60, handler: makeConsent(platform.as('consent'), defences) },
    { name: 'log', everyMinutes: 1, handler: logOn(platform, defences) },
    { name: 'log-check', everyMinutes: 60, handler: makeLogCheck(platform.as('log-check'), defences) },
    { name: 'prices', everyMinutes: 5, handler: makePrices(platform.as('prices')) },
  ];
}

/** A checkpoint says that nothing older is missing: whatever the clock was set to, the log has heard of what was committed before. */
function logOn(platform: Embedded, defences: Defences): ScheduledHandler['handler'] {
  const log = makeLog(platform.as('log'), defences);
  return async (event, context) => {
    await platform.host.caughtUp('log-collect');
    await log(event, context);
  };
}

/** Of these, what the sealed path needs. The embedded platform has the manifest's root at hand, which elsewhere is offline. */
export function keySchedulesOn(platform: Embedded, defences: Defences): readonly ScheduledHandler[] {
  const sign = (bytes: Buffer) => platform.ca.manifestRoot.sign(bytes);
  return [
    { name: 'maintenance', everyMinutes: 60, handler: makeMaintenance(platform.as('maintenance'), defences) },
    {
      name: 'key-duties',
      everyMinutes: 60,
      handler: makeKeyDuties(platform.as('operator-cli'), platform.kms.admin, sign, { now: () => Date.now() }),
    },
  ];
}
