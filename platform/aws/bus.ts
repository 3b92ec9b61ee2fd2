import {
  DescribeEventBusCommand,
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
  type PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import type { CloudEvent } from '../../events/catalogue/entry.ts';
import { JoulekeepError } from '../../events/errors.ts';
import { MESSAGE_LIMIT } from '../../topology/queues.ts';
import { eventKey } from '../ports/events-unpublished.ts';
import type { Bus } from '../ports/platform.ts';
import { sendAll } from '../store/resending.ts';
import type { OperationCounts } from './operations.ts';
import { isNamed, serviceError } from './service-errors.ts';

/** Of one call: entries, and bytes of all of them. */
const ENTRIES = 10;
const CALL_BYTES = 1_048_576;
/** What the service counts for the time of an entry. */
const TIME_BYTES = 14;
/** An event is billed once for each so many bytes begun. */
const BILLED_BYTES = 65_536;

interface Sized {
  /** By `eventKey`. */
  readonly key: string;
  readonly entry: PutEventsRequestEntry;
  readonly bytes: number;
}

export interface BusParts {
  readonly client: EventBridgeClient;
  /** Name of the bus. */
  readonly bus: string;
  readonly operations: OperationCounts;
}

/** The event bus: what it has taken it delivers to every rule's queue, or to that rule's dead letters. */
export class EventBridgeBus implements Bus {
  readonly #parts: BusParts;
  #found: Promise<void> | undefined;

  constructor(parts: BusParts) {
    this.#parts = parts;
  }

  /** @throws EventsUnpublished, ERR_BUS_UNKNOWN, ERR_MESSAGE_TOO_LARGE for an event over 256 KiB, which no queue would take */
  async publish(events: readonly CloudEvent<unknown>[]): Promise<void> {
    const sized = new Map(events.map((event) => [eventKey(event), this.#sized(event)]));
    await this.#find();
    await sendAll(events, async (left) => {
      const failed = new Map<string, unknown>();
      for (const call of inCalls(left.map((event) => sized.get(eventKey(event))!)))
        for (const [key, fault] of await this.#put(call)) failed.set(key, fault);
      return failed;
    });
  }

  async #put(call: readonly Sized[]): Promise<readonly (readonly [string, unknown])[]> {
    const units = call.reduce((sum, { bytes }) => sum + Math.ceil(bytes / BILLED_BYTES), 0);
    this.#parts.operations.count('eventbridge.event', units);
    try {
      const { Entries = [] } = await this.#parts.client.send(new PutEventsCommand({ Entries: call.map(({ entry }) => entry) }));
      return call.flatMap(({ key }, i) => (Entries[i]?.EventId === undefined ? [[key, refusal(Entries[i])] as const] : []));
    } catch (error) {
      return call.map(({ key }) => [key, serviceError('BUS', error)] as const);
    }
  }

  /** The service takes events for a bus that isn't there and drops them, so it is asked for once. */
  #find(): Promise<void> {
    const { client, bus } = this.#parts;
    this.#found ??= client.send(new DescribeEventBusCommand({ Name: bus })).then(
      () => {},
      (error: unknown) => {
        this.#found = undefined;
        if (isNamed(error, 'ResourceNotFoundException')) throw new JoulekeepError('ERR_BUS_UNKNOWN', `there is no bus ${bus}`);
        throw serviceError('BUS', error);
      },
    );
    return this.#found;
  }

  #sized(event: CloudEvent<unknown>): Sized {
    const { source, type, time } = event;
    const detail = JSON.stringify(event);
    if (Buffer.byteLength(detail) > MESSAGE_LIMIT)
      throw new JoulekeepError('ERR_MESSAGE_TOO_LARGE', `a message has at most ${MESSAGE_LIMIT} bytes`);
    const entry = { EventBusName: this.#parts.bus, Source: source, DetailType: type, Detail: detail, Time: new Date(time) };
    return {
      key: eventKey(event),
      entry,
      bytes: TIME_BYTES + [source, type, detail].reduce((sum, text) => sum + Buffer.byteLength(text), 0),
    };
  }
}

/** In order, as many to a call as it takes. */
function inCalls(sized: readonly Sized[]): Sized[][] {
  const calls: Sized[][] = [];
  let bytes = 0;
  for (const one of sized) {
    const call = calls.at(-1);
    if (call === undefined || call.length === ENTRIES || bytes + one.bytes > CALL_BYTES) {
      calls.push([one]);
      bytes = one.bytes;
    } else {
      call.push(one);
      bytes += one.bytes;
    }
  }
  return calls;
}

/** What the service says of one entry it did not take. */
function refusal(entry: PutEventsResultEntry | undefined): JoulekeepError {
  return new JoulekeepError('ERR_BUS_REFUSED', `the bus did not take an event: ${entry?.ErrorCode ?? 'no answer'}`, { retryable: true });
}
