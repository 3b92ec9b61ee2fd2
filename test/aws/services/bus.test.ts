import { DescribeEventBusCommand, EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { BILLING_TYPE } from '../../../events/catalogue/billing.ts';
import { CATALOGUE } from '../../../events/catalogue/catalogue.ts';
import type { CloudEvent } from '../../../events/catalogue/entry.ts';
import { EventBridgeBus } from '../../../platform/aws/bus.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { EmbeddedBus } from '../../../platform/embedded/bus.ts';
import { QUEUES } from '../../../topology/queues.ts';
import { SUBSCRIPTIONS } from '../../../topology/subscriptions.ts';
import { fault } from './support/fake-client.ts';

const client = new EventBridgeClient({ region: 'eu-central-1' });
const mock = mockClient(client);
let operations: OperationCounts;
let bus: EventBridgeBus;

beforeEach(() => {
  mock.reset();
  mock.on(DescribeEventBusCommand).resolves({ Name: 'joulekeep-dev' });
  mock.on(PutEventsCommand).callsFake(taking(() => true));
  operations = new OperationCounts();
  bus = new EventBridgeBus({ client, bus: 'joulekeep-dev', operations });
});

/** Takes the entries that the test lets through, by their event's id. */
function taking(takes: (id: string) => boolean) {
  return ({ Entries }: { Entries: PutEventsRequestEntry[] }) => ({
    Entries: Entries.map(({ Detail }) => (takes(idOf(Detail)) ? { EventId: 'taken' } : { ErrorCode: 'ThrottlingException' })),
  });
}

const idOf = (detail: string | undefined) => (JSON.parse(detail!) as CloudEvent<unknown>).id;
const sent = () => mock.commandCalls(PutEventsCommand).map(({ args }) => args[0].input.Entries!.map(({ Detail }) => idOf(Detail)));

function event(id: string, filler = ''): CloudEvent<unknown> {
  const of = { specversion: '1.0', source: 'joulekeep/meterday', subject: 'up-1', datacontenttype: 'application/json' } as const;
  return { ...of, id, type: BILLING_TYPE.finalized, time: '2026-01-15T10:00:00.000Z', data: { filler } };
}
const events = (count: number, filler = '') => Array.from({ length: count }, (_, i) => event(`e${i}`, filler));

describe('EventBridge', () => {
  it('an entry carries the whole event as its detail, for the rule to hand on', async () => {
    await bus.publish([event('e0')]);
    const Time = new Date('2026-01-15T10:00:00.000Z');
    const entry = { EventBusName: 'joulekeep-dev', Source: 'joulekeep/meterday', DetailType: BILLING_TYPE.finalized, Time };
    expect(mock.commandCalls(PutEventsCommand)[0]!.args[0].input).toEqual({ Entries: [{ ...entry, Detail: JSON.stringify(event('e0')) }] });
  });

  it('ten entries to a call, in order', async () => {
    await bus.publish(events(23));
    expect(sent().map(({ length }) => length)).toEqual([10, 10, 3]);
    expect(sent().flat()).toEqual(events(23).map(({ id }) => id));
    expect(operations.snapshot().get('eventbridge.event')).toEqual({ calls: 3, units: 23 });
  });

  it('a megabyte to a call, and an event is billed by 64 KB begun', async () => {
    await bus.publish(events(9, 'x'.repeat(200_000)));
    expect(sent().map(({ length }) => length)).toEqual([5, 4]);
    expect(operations.snapshot().get('eventbridge.event')).toEqual({ calls: 2, units: 9 * 4 });
  });

  it('what was not taken is sent again, and nothing else', async () => {
    const tries = new Map<string, number>();
    mock.on(PutEventsCommand).callsFake(
      taking((id) => {
        tries.set(id, (tries.get(id) ?? 0) + 1);
        return !['e1', 'e3'].includes(id) || tries.get(id) === 3;
      }),
    );
    await bus.publish(events(5));
    expect(sent()).toEqual([
      ['e0', 'e1', 'e2', 'e3', 'e4'],
      ['e1', 'e3'],
      ['e1', 'e3'],
    ]);
    expect(operations.snapshot().get('eventbridge.event')).toEqual({ calls: 3, units: 9 });
  });

  it('what is never taken is named, and only that', async () => {
    mock.on(PutEventsCommand).callsFake(taking((id) => id !== 'e2'));
    const failed = await bus.publish(events(12)).then(
      () => undefined,
      (error: { code: string; failed: ReadonlyMap<string, { code: string; retryable: boolean }> }) => error,
    );
    expect(failed?.code).toBe('ERR_EVENTS_UNPUBLISHED');
    expect([...failed!.failed]).toEqual([
      [expect.stringMatching(/ e2$/), expect.objectContaining({ code: 'ERR_BUS_REFUSED', retryable: true })],
    ]);
  });

  it('a call that fails fails its own entries', async () => {
    let call = 0;
    mock.on(PutEventsCommand).callsFake((input: { Entries: PutEventsRequestEntry[] }) => {
      if (++call === 1) throw fault('ThrottlingException');
      return taking(() => true)(input);
    });
    await bus.publish(events(12));
    expect(sent().map(({ length }) => length)).toEqual([10, 2, 10]);
  });

  it('a bus that is not there is an error, asked for again next time, and nothing is sent to it', async () => {
    mock.on(DescribeEventBusCommand).rejectsOnce(fault('ResourceNotFoundException')).resolves({});
    await expect(bus.publish([event('e0')])).rejects.toMatchObject({ code: 'ERR_BUS_UNKNOWN' });
    expect(sent()).toEqual([]);
    await bus.publish([event('e0')]);
    await bus.publish([event('e1')]);
    expect(sent()).toEqual([['e0'], ['e1']]);
    expect(mock.commandCalls(DescribeEventBusCommand).length).toBe(2);
  });

  it('an event that no queue would take is refused before anything is sent', async () => {
    await expect(bus.publish([event('e0'), event('e1', 'x'.repeat(262_144))])).rejects.toMatchObject({ code: 'ERR_MESSAGE_TOO_LARGE' });
    expect(sent()).toEqual([]);
  });
});

describe('the embedded bus', () => {
  it('puts an event into the queues of its subscribers as it is, and again only what failed', async () => {
    const bodies: [string, string][] = [];
    let sends = 0;
    const embedded = new EmbeddedBus({
      send: async (queue, body) => {
        if (++sends === 2) throw new Error('away');
        bodies.push([queue, body]);
      },
    });
    await embedded.publish([event('e0'), event('e1'), event('e2')]);
    expect(bodies).toEqual(['e0', 'e2', 'e1'].map((id) => ['billing', JSON.stringify(event(id))]));
  });

  it('names what stays undelivered', async () => {
    const embedded = new EmbeddedBus({
      send: (_queue, body) => (body.includes('e1') ? Promise.reject(new Error('down')) : Promise.resolve()),
    });
    await expect(embedded.publish([event('e0'), event('e1')])).rejects.toMatchObject({
      failed: new Map([[`${event('e1').type} e1`, new Error('down')]]),
    });
  });
});

describe('subscriptions', () => {
  it('deliver every type of the catalogue, each to its queue of the topology and no other', () => {
    expect(CATALOGUE.length).toBeGreaterThan(0);
    for (const { type, queue } of CATALOGUE)
      expect(SUBSCRIPTIONS.filter(({ types }) => types.includes(type)).map((subscription) => subscription.queue)).toEqual([queue]);
    const queues = QUEUES.map(({ name }) => name);
    for (const { queue } of SUBSCRIPTIONS) expect(queues).toContain(queue);
  });
});
