import type { CloudEvent } from '../../events/catalogue/entry.ts';
import { queuesOf } from '../../topology/subscriptions.ts';
import { eventKey } from '../ports/events-unpublished.ts';
import type { Bus, Queues } from '../ports/platform.ts';
import { sendAll } from '../store/resending.ts';

/** Puts events into the queues of their subscribers. */
export class EmbeddedBus implements Bus {
  readonly #queues: Pick<Queues, 'send'>;

  constructor(queues: Pick<Queues, 'send'>) {
    this.#queues = queues;
  }

  publish(events: readonly CloudEvent<unknown>[]): Promise<void> {
    return sendAll(events, async (left) => {
      const outcomes = await Promise.allSettled(left.map((event) => this.#deliver(event)));
      return new Map(
        outcomes.flatMap((outcome, i) => (outcome.status === 'rejected' ? [[eventKey(left[i]!), outcome.reason] as const] : [])),
      );
    });
  }

  async #deliver(event: CloudEvent<unknown>): Promise<void> {
    const body = JSON.stringify(event);
    await Promise.all(queuesOf(event.type).map((queue) => this.#queues.send(queue, body)));
  }
}
