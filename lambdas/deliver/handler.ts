import middy from '@middy/core';
import type { ScheduledEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { CATALOGUE } from '../../events/catalogue/catalogue.ts';
import type { Audience } from '../../events/catalogue/entry.ts';
import { FEED_GREW, feedGrewType } from '../../events/catalogue/feed-grew.ts';
import { typesOf } from '../../events/catalogue/versions.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { WEBHOOK_TYP } from '../../protocol/webhook.ts';
import type { Defences } from '../../topology/defences.ts';
import { makeCounters } from '../middleware/counters.ts';
import { codeOf, eachRecord } from '../middleware/each-record.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { JwsSigner } from '../shared/jws-signer.ts';
import { Turns } from '../shared/turns.ts';
import { deliveryStream, type Endpoint, endpointsOf } from './endpoints.ts';
import { CLOSED_GATES, type DeliveryGates } from './gate.ts';
import { type PushParts, pushFeed } from './push-feed.ts';

/** No further item is begun after so long, ms: an invocation ends in order. */
const WAKE_MS = 30_000;
const SCHEDULED_MS = 240_000;

/** Queues that say that a feed grew: what is new goes to whoever has an endpoint for it. @source X.1332 9.2 to 9.4 */
export const makeDeliver = (platform: Platform, defences: Defences, gates: DeliveryGates = CLOSED_GATES) => {
  const { parts, log, turns } = deliverer('deliver', platform, defences, gates);
  return middy<SQSEvent, SQSBatchResponse>()
    .use(observed('deliver', { clock: platform.clock, log }, parts.counters))
    .handler((event, context) => {
      const until = platform.clock.now() + WAKE_MS;
      return eachRecord(event, context, log, async ({ body }) => {
        const { audience, feed } = grownOf(body);
        const endpoints = (await endpointsOf(platform, audience)).filter((endpoint) => feed === undefined || endpoint.feed === feed);
        await Promise.all(endpoints.map((endpoint) => turns.run(deliveryStream(endpoint), () => pushFeed(parts, endpoint, until))));
      });
    });
};

/** Every minute: attempts that are due, and replays that were asked for. */
export const makeRedeliver = (platform: Platform, defences: Defences, gates: DeliveryGates = CLOSED_GATES) => {
  const { parts, log, turns } = deliverer('redeliver', platform, defences, gates);
  return middy<ScheduledEvent, void>()
    .use(observed('redeliver', { clock: platform.clock, log }, parts.counters))
    .handler(async () => {
      const now = platform.clock.now();
      const due = (await endpointsOf(platform)).filter(({ dueAt }) => dueAt <= now);
      const push = (endpoint: Endpoint) => turns.run(deliveryStream(endpoint), () => pushFeed(parts, endpoint, now + SCHEDULED_MS));
      for (const [i, outcome] of (await Promise.allSettled(due.map(push))).entries())
        if (outcome.status === 'rejected') log.error('push failed', { stream: deliveryStream(due[i]!), code: codeOf(outcome.reason) });
    });
};

function deliverer(name: string, platform: Platform, defences: Defences, gates: DeliveryGates) {
  const log = handlerLog(name, platform);
  const signer = new JwsSigner(platform.kms, 'webhook', WEBHOOK_TYP);
  const parts: PushParts = { platform: { ...platform, log }, defences, gates, signer, counters: makeCounters(name) };
  return { parts, log, turns: new Turns() };
}

/** The feed that grew. Whatever else an audience is told, all its feeds are looked at: a wake too many costs little. @throws ERR_EVENT_UNKNOWN */
function grownOf(body: string): { readonly audience: Audience; readonly feed?: string } {
  const { type, data } = JSON.parse(body) as { type?: unknown; data?: unknown };
  const entry = CATALOGUE.find((candidate) => typesOf(candidate).some((name) => name === type));
  if (entry === undefined) throw new JoulekeepError('ERR_EVENT_UNKNOWN', 'an event that is not in the catalogue');
  const grew = entry.type === feedGrewType(entry.audience) ? FEED_GREW.safeParse(data) : undefined;
  return grew?.success === true ? { audience: entry.audience, feed: grew.data.feed } : { audience: entry.audience };
}
