import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { CUSTOMER_EVENTS } from '../../events/catalogue/customer.ts';
import type { CloudEvent } from '../../events/catalogue/entry.ts';
import type { DomainEvent } from '../../events/index.ts';
import { RelayWorker } from '../../lambdas/relay/relay-worker.ts';
import { streamEvent } from '../../platform/embedded/host/stream-event.ts';
import { failedOf } from '../project/following.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { MIDNIGHT, PROGRAM, PriceWorld, ZONE } from './price-world.ts';

it('what was signed for customers is told to them as it was signed, and nothing else of its stream', async () => {
  const world = new MemoryWorld();
  const utility = new PriceWorld();
  const [day, price, wish] = [utility.dayAhead(), utility.price(0), utility.event()];
  const signed = (jws: string) => ({ claims: JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString()), jws, hash: '', at: 7 });
  const settings = { tariff: 't', timeZone: 'UTC', minutes: 30, spreadMicroPerKWh: '0' };
  const facts: readonly [string, DomainEvent][] = [
    [`price/${ZONE}`, { type: 'PriceZoneProposed', data: { zone: ZONE, settings, by: 'ann', at: 6 } }],
    [`price/${ZONE}`, { type: 'DayAheadPublished', data: signed(day) }],
    [`price/${ZONE}`, { type: 'PricePublished', data: signed(price) }],
    [`demand-response/${PROGRAM}`, { type: 'DemandResponsePublished', data: signed(wish) }],
  ];
  const arrivals = [];
  for (const [i, [stream, event]] of facts.entries()) {
    const head = await world.events.head(stream);
    const commitId = createHash('sha256').update(String(i)).digest();
    await world.events.append(head, { commitId, events: [event] }).durable;
    arrivals.push({ place: i + 1, stream, version: head.version + 1, count: 1, keyId: 'stream-class/x/0', recordedAt: 7 });
  }
  expect(failedOf(await new RelayWorker(world.as('relay')).take(streamEvent('test', arrivals)))).toEqual([]);
  const told = (world.queues.get('customer') ?? []).map((body) => JSON.parse(body) as CloudEvent<{ jws: string }>);
  const [from, later] = [MIDNIGHT * 1000, (MIDNIGHT + 3_600) * 1000];
  expect(told.map(({ type, subject, data }) => [type.split('.')[2], subject, data])).toEqual([
    ['day-ahead-published', ZONE, { zone: ZONE, seq: 1, from, until: (MIDNIGHT + 86_400) * 1000, jws: day }],
    ['price-published', ZONE, { zone: ZONE, seq: 1, from, until: later, jws: price }],
    ['demand-response-published', PROGRAM, { program: PROGRAM, seq: 1, event: 'e1', jws: wish }],
  ]);
  for (const { type, data } of told) expect(CUSTOMER_EVENTS.find((entry) => entry.type === type)!.data.parse(data)).toEqual(data);
});
