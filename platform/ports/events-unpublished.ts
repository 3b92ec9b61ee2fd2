import type { CloudEvent } from '../../events/catalogue/entry.ts';
import { JoulekeepError } from '../../events/errors.ts';

/** Names an event among those of one call: a fact told to two audiences, or in two versions, has one id. */
export function eventKey({ type, id }: Pick<CloudEvent<unknown>, 'type' | 'id'>): string {
  return `${type} ${id}`;
}

/** Some events did not become durable on the bus, after several tries each; the others did. Carries which, by `eventKey`, and why. */
export class EventsUnpublished extends JoulekeepError {
  readonly failed: ReadonlyMap<string, unknown>;

  constructor(failed: ReadonlyMap<string, unknown>) {
    super('ERR_EVENTS_UNPUBLISHED', `${failed.size} events are not published`, { retryable: true, cause: failed.values().next().value });
    this.failed = failed;
  }
}
