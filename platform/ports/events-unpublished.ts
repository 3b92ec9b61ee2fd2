import { JoulekeepError } from '../../events/errors.ts';

/** Some events did not become durable on the bus, after several tries each; the others did. Carries which, by id, and why. */
export class EventsUnpublished extends JoulekeepError {
  readonly failed: ReadonlyMap<string, unknown>;

  constructor(failed: ReadonlyMap<string, unknown>) {
    super('ERR_EVENTS_UNPUBLISHED', `${failed.size} events are not published`, { retryable: true, cause: failed.values().next().value });
    this.failed = failed;
  }
}
