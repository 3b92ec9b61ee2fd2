import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { CatalogueEntry, CloudEvent } from '../../events/catalogue/entry.ts';
import type { DomainEvent, FeedItemIssued } from '../../events/index.ts';
import { factEvent, type RelayMapping } from '../../lambdas/relay/mapping.ts';
import { MAPPINGS, mappingsOf } from '../../lambdas/relay/mappings.ts';
import { RelayWorker } from '../../lambdas/relay/relay-worker.ts';
import type { Arrival } from '../../platform/embedded/event-database.ts';
import { streamEvent } from '../../platform/embedded/host/stream-event.ts';
import { EventsUnpublished, eventKey } from '../../platform/ports/events-unpublished.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { FEED_START } from '../../protocol/feed.ts';
import { FEEDS } from '../../topology/feeds.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { failedOf } from './following.ts';

const AT = Date.UTC(2026, 1, 3, 7);
let world: MemoryWorld;
let arrivals: Arrival[];

beforeEach(() => {
  world = new MemoryWorld({ now: AT });
  arrivals = [];
});

/** A commit that is in the store, and its record in the change feed. */
async function record(stream: string, ...events: readonly DomainEvent[]): Promise<void> {
  const head = await world.events.head(stream);
  await world.events.append(head, { commitId: createHash('sha256').update(`${stream} ${head.version}`).digest(), events }).durable;
  arrive(stream, head.version + 1, events.length);
}

function arrive(stream: string, version: number, count: number): void {
  arrivals.push({ place: arrivals.length + 1, stream, version, count, keyId: 'stream-class/x/0', recordedAt: AT });
}

function item(seq: number, more: Partial<FeedItemIssued> = {}): DomainEvent {
  return { type: 'FeedItemIssued', data: { seq, prevHash: FEED_START.hash, hash: FEED_START.hash, at: AT + seq, ...more } };
}

const bill = (account: string, revision: number) => {
  const of = { stream: `bill/${account}/up-1.2026-01-01`, version: revision, account, usagePoint: 'up-1', from: '2026-01-01', revision };
  return { bill: { ...of, kid: 'k', signature: 's' } };
};

async function relay(worker = new RelayWorker(world.as('relay')), from = 0): Promise<readonly string[]> {
  return failedOf(await worker.take(streamEvent('test', arrivals.slice(from))));
}

function told(queue: string): CloudEvent<Record<string, unknown>>[] {
  return (world.queues.get(queue) ?? []).map((body) => JSON.parse(body) as CloudEvent<Record<string, unknown>>);
}

describe('one relay, four audiences', () => {
  it('what was recorded of a bill is told by the name of its stream: nothing is opened, no amount leaves', async () => {
    arrive('bill/anna/up-1.2026-01-01', 4, 1);
    expect(await relay()).toEqual([]);
    expect(told('billing-feed')).toEqual([
      {
        specversion: '1.0',
        id: 'bill/anna/up-1.2026-01-01/4',
        source: 'joulekeep/bill',
        type: 'joulekeep.billing.bill-recorded.v1',
        subject: 'anna',
        time: new Date(AT).toISOString(),
        datacontenttype: 'application/json',
        data: { account: 'anna', usagePoint: 'up-1', from: '2026-01-01', stream: 'bill/anna/up-1.2026-01-01', version: 4 },
      },
    ]);
    const streams: string[] = [];
    for await (const stream of world.events.streams('')) streams.push(stream);
    expect(streams).toEqual([]);
  });

  it('a feed that grew is told to its own audience, and a bill in it to the customer as well', async () => {
    for (const feed of ['feed/operator/area-demand', 'party-feed/acme', 'feed/customer/price']) await record(feed, item(1), item(2));
    await record('feed/billing/bills', item(1, bill('anna', 1)), item(2), item(3, bill('ben', 2)));
    expect(await relay()).toEqual([]);
    const grew = (queue: string) => told(queue).flatMap(({ type, data }) => (type.endsWith('feed-grew.v1') ? [data] : []));
    expect(grew('operator')).toEqual([{ feed: 'operator/area-demand', seq: 2 }]);
    expect(grew('third-party')).toEqual([{ feed: 'third-party/acme', seq: 2 }]);
    expect(grew('customer')).toEqual([{ feed: 'customer/price', seq: 2 }]);
    expect(grew('billing-system')).toEqual([{ feed: 'billing/bills', seq: 3 }]);
    const bills = told('customer').filter(({ type }) => type === 'joulekeep.customer.bill-issued.v1');
    expect(bills.map(({ id, data }) => [id, data])).toEqual([
      ['feed/billing/bills/0', { account: 'anna', usagePoint: 'up-1', from: '2026-01-01', revision: 1 }],
      ['feed/billing/bills/2', { account: 'ben', usagePoint: 'up-1', from: '2026-01-01', revision: 2 }],
    ]);
  });

  it('each audience is told of a kind of stream in one way', () => {
    for (const stream of ['price/north', 'demand-response/peak', 'area/north', 'party-feed/acme', 'consent/c', 'meterday/m/2026-01-01']) {
      const audiences = mappingsOf(stream).map(({ audience }) => audience);
      expect(audiences.length, stream).toBeGreaterThan(0);
      expect(new Set(audiences).size, stream).toBe(audiences.length);
    }
    expect(mappingsOf('forecast/north')).toEqual([]);
  });

  it('what was recorded of a consent is told by its id alone', async () => {
    arrive('consent/c-1', 3, 1);
    expect(await relay()).toEqual([]);
    expect(told('third-party-feed').map(({ type, subject, data }) => [type, subject, data])).toEqual([
      ['joulekeep.third-party.consent-recorded.v1', 'c-1', { consent: 'c-1', version: 3 }],
    ]);
    expect(world.queues.get('third-party') ?? []).toEqual([]);
  });

  it('streams that no audience is told of leave no trace outside', async () => {
    arrive('segment/a', 0, 1);
    arrive('meter/m1', 0, 1);
    expect(await relay()).toEqual([]);
    expect(world.queues.size).toBe(0);
  });

  it('every stream that a mapping tells of wakes the relay', () => {
    const heard = FEEDS.filter((feed) => feed.function === 'relay').flatMap(({ streams }) => streams);
    expect(MAPPINGS.length).toBeGreaterThanOrEqual(6);
    for (const { streams } of MAPPINGS)
      expect(
        heard.some((prefix) => streams.startsWith(prefix)),
        streams,
      ).toBe(true);
  });
});

const NEWER = z.strictObject({ seq: z.int(), wh: z.int() });
const PLANTED: CatalogueEntry = {
  type: 'joulekeep.operator.planted.v2',
  audience: 'operator',
  queue: 'operator',
  ordered: 'feed',
  says: 'Planted.',
  data: NEWER,
  former: {
    type: 'joulekeep.operator.planted.v1',
    data: z.strictObject({ kWh: z.number() }),
    from: (data) => ({ kWh: NEWER.parse(data).wh / 1000 }),
  },
};
const MAPPING: RelayMapping = {
  audience: 'operator',
  streams: 'feed/operator/',
  opensSubjects: false,
  told: async ({ stream, version, at }) => [
    factEvent({ stream, version }, { type: PLANTED.type, subject: stream, at, data: { seq: version + 1, wh: (version + 1) * 500 } }),
  ],
};

/** A bus that is away for what the test says. */
class Wire {
  readonly sent: string[] = [];
  away: (key: string) => boolean = () => false;

  async publish(events: readonly CloudEvent<unknown>[]): Promise<void> {
    const lost = events.filter((event) => this.away(eventKey(event)));
    for (const event of events) if (!lost.includes(event)) this.sent.push(`${eventKey(event)} ${JSON.stringify(event.data)}`);
    if (lost.length > 0) throw new EventsUnpublished(new Map(lost.map((event) => [eventKey(event), new Error('away')])));
  }
}

describe('a type that changed a release ago', () => {
  const wire = () => {
    const bus = new Wire();
    const platform: Platform = { ...world.as('relay'), bus };
    return { bus, worker: new RelayWorker(platform, [PLANTED], () => [MAPPING]) };
  };

  it('goes out as it is and as it was, each fact before the next', async () => {
    const { bus, worker } = wire();
    arrive('feed/operator/a', 0, 1);
    arrive('feed/operator/a', 1, 1);
    expect(await relay(worker)).toEqual([]);
    expect(bus.sent).toEqual([
      'joulekeep.operator.planted.v2 feed/operator/a/0 {"seq":1,"wh":500}',
      'joulekeep.operator.planted.v1 feed/operator/a/0 {"kWh":0.5}',
      'joulekeep.operator.planted.v2 feed/operator/a/1 {"seq":2,"wh":1000}',
      'joulekeep.operator.planted.v1 feed/operator/a/1 {"kWh":1}',
    ]);
  });

  it('where one of the two fails, that one comes again, and nothing behind it was begun', async () => {
    const { bus, worker } = wire();
    arrive('feed/operator/a', 0, 1);
    arrive('feed/operator/a', 1, 1);
    bus.away = (key) => key.includes('v1 feed/operator/a/0');
    expect(await relay(worker)).toEqual([String(1).padStart(21, '0')]);
    expect(bus.sent).toEqual(['joulekeep.operator.planted.v2 feed/operator/a/0 {"seq":1,"wh":500}']);
    bus.away = () => false;
    expect(await relay(worker)).toEqual([]);
    expect(bus.sent.slice(1)).toEqual([
      'joulekeep.operator.planted.v1 feed/operator/a/0 {"kWh":0.5}',
      'joulekeep.operator.planted.v2 feed/operator/a/1 {"seq":2,"wh":1000}',
      'joulekeep.operator.planted.v1 feed/operator/a/1 {"kWh":1}',
    ]);
  });

  it('a fact that says more than either schema allows is handed back, and nothing of it leaves', async () => {
    const bus = new Wire();
    const leaking: RelayMapping = {
      ...MAPPING,
      told: async ({ stream, version, at }) => [
        factEvent({ stream, version }, { type: PLANTED.type, subject: stream, at, data: { seq: 1, wh: 1, meterId: 'm1' } }),
      ],
    };
    arrive('feed/operator/a', 0, 1);
    expect(await relay(new RelayWorker({ ...world.as('relay'), bus }, [PLANTED], () => [leaking]))).toEqual([String(1).padStart(21, '0')]);
    expect(bus.sent).toEqual([]);
  });
});
