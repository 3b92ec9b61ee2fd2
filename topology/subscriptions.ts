import { CATALOGUE } from '../events/catalogue/catalogue.ts';
import { typesOf } from '../events/catalogue/versions.ts';

/**
 * Which integration events reach which queue. lib/ makes a rule of the bus of each: it matches the types in `detail-type` and
 * hands on the detail alone (input path `$.detail`), so that a message is the event itself on every platform.
 */
export interface Subscription {
  readonly name: string;
  /** Queue of topology/queues.ts. */
  readonly queue: string;
  readonly types: readonly string[];
}

/** One for each queue that the catalogue of events names. */
export const SUBSCRIPTIONS: readonly Subscription[] = [...Map.groupBy(CATALOGUE, ({ queue }) => queue)].map(([queue, entries]) => ({
  name: queue,
  queue,
  types: entries.flatMap(typesOf),
}));

/** Queues that get events of a type. */
export function queuesOf(type: string): readonly string[] {
  return SUBSCRIPTIONS.filter(({ types }) => types.includes(type)).map(({ queue }) => queue);
}
