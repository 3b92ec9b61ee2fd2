import type { CloudEvent } from '../../events/catalogue/entry.ts';
import { EventsUnpublished, eventKey } from '../ports/events-unpublished.ts';

/** A failed event is sent again so often before whoever published hears of it. */
const SENDS = 3;

/** Sends one event or many. @returns what kept which of them, by `eventKey`; nothing for those that are durable */
export type SendEvents = (events: readonly CloudEvent<unknown>[]) => Promise<ReadonlyMap<string, unknown>>;

/** Sends all, then again those that failed and no others. @throws EventsUnpublished */
export async function sendAll(events: readonly CloudEvent<unknown>[], send: SendEvents): Promise<void> {
  let left = events;
  for (let attempt = 1; left.length > 0; attempt++) {
    const failed = await send(left);
    if (failed.size > 0 && attempt === SENDS) throw new EventsUnpublished(failed);
    left = left.filter((event) => failed.has(eventKey(event)));
  }
}
