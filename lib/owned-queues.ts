import { TOPIC_RULES } from '../topology/device-access.ts';
import { FEEDS } from '../topology/feeds.ts';
import { FUNCTIONS } from '../topology/functions.ts';
import type { Principal } from '../topology/principals.ts';
import { FAILED_POSITIONS, NOTICE_QUEUES, QUEUES, type QueueSpec, UNDELIVERED_NOTICES } from '../topology/queues.ts';
import { SUBSCRIPTIONS } from '../topology/subscriptions.ts';

/** Queues that the gateway's rules fill. */
export const DEVICE_QUEUES: readonly QueueSpec[] = owned(Object.values(TOPIC_RULES).map(({ queue }) => queue));

/** Queues that rules of the bus fill, for one audience each. */
export const AUDIENCE_QUEUE_SPECS: readonly QueueSpec[] = owned(SUBSCRIPTIONS.map(({ queue }) => queue));

/** All others: what functions set aside. */
export const SERVICE_QUEUES: readonly QueueSpec[] = QUEUES.filter(
  (queue) => !DEVICE_QUEUES.includes(queue) && !AUDIENCE_QUEUE_SPECS.includes(queue),
);

/** Queue of what the clock demanded and no function did: for people, an alarm watches it. */
export const MISSED_SCHEDULES = 'missed-schedules';

/** Queue of integration events that the bus could not deliver, as it had them. */
export const UNDELIVERED_EVENTS = 'undelivered-events';

/** Queues that nobody receives from: whatever lies there waits for a person. */
export const SET_ASIDE: readonly string[] = [FAILED_POSITIONS, MISSED_SCHEDULES, UNDELIVERED_EVENTS, UNDELIVERED_NOTICES];

/** Queues from which people move back what could not be processed. */
export const WORKED_QUEUES: readonly QueueSpec[] = [...QUEUES, ...NOTICE_QUEUES].filter(({ name }) => !SET_ASIDE.includes(name));

function owned(names: readonly string[]): readonly QueueSpec[] {
  return QUEUES.filter(({ name }) => names.includes(name));
}

/** Queues from which functions of a principal receive, and those that get what one of its feeds or schedules failed at. */
export function queuesOf(principal: Principal): { readonly receives: readonly string[]; readonly setsAside: readonly string[] } {
  const functions = FUNCTIONS.filter((candidate) => candidate.principal === principal);
  const receives = functions.flatMap(({ trigger }) => (trigger.kind === 'queue' || trigger.kind === 'notice' ? trigger.queues : []));
  const names = functions.filter(({ trigger }) => trigger.kind === 'feed').map(({ name }) => name);
  const setsAside = FEEDS.filter((feed) => names.includes(feed.function)).map(({ onFailure }) => onFailure);
  const missed = functions.some(({ trigger }) => trigger.kind === 'schedule') ? [MISSED_SCHEDULES] : [];
  return { receives, setsAside: [...new Set([...setsAside, ...missed])] };
}
