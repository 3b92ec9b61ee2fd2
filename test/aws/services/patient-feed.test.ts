import type { DynamoDBRecord } from 'aws-lambda';
import { beforeEach, expect, it } from 'vitest';
import { JoulekeepError } from '../../../events/errors.ts';
import type { MeterDayEvent } from '../../../events/index.ts';
import { DAY_SUMMARIES } from '../../../lambdas/project/day-summaries.ts';
import { makeProject } from '../../../lambdas/project/handler.ts';
import { makeRelay } from '../../../lambdas/relay/handler.ts';
import { type FeedFunction, makePatient } from '../../../platform/aws/patient-feed.ts';
import { streamEvent } from '../../../platform/embedded/host/stream-event.ts';
import type { Platform } from '../../../platform/ports/platform.ts';
import { FEEDS } from '../../../topology/feeds.ts';
import { FAILED_POSITIONS } from '../../../topology/queues.ts';
import { collected, DAY, DayBook, finalized, frame } from '../../project/day-facts.ts';
import { defencesUnderTest } from '../../support/defences.ts';
import { Faults, faulty } from '../../support/faults.ts';
import { StreamMapping } from './support/stream-mapping.ts';

const POISON = { ...finalized(1), data: { revision: 0, channels: null, held: false, at: 'never' } } as unknown as MeterDayEvent;
const TRIES = FEEDS.find(({ name }) => name === 'project-days')!.maxRetries + 1;
/** As many tries as a mapping that counted them would have made of an outage long before. */
const LONG = 200;

let book: DayBook;
let faults: Faults;
let paused: number[];
beforeEach(() => {
  book = new DayBook();
  faults = new Faults();
  paused = [];
});

const parts = (platform: Platform) => ({ ...platform, pause: async (ms: number) => paused.push(ms) });
const project = () => {
  const platform = book.world.as('project');
  return makePatient('project', parts(platform), makeProject({ ...platform, ...faulty(platform, faults) }, defencesUnderTest()));
};

async function day(meterId: string, ...events: readonly MeterDayEvent[]): Promise<void> {
  const facts = events.length > 0 ? events : [finalized(1)];
  await book.record(`${meterId}/${DAY}`, 'anna', collected(frame({ meterId, usagePoint: `up-${meterId}` })), ...facts);
}

const arrivals = () => streamEvent('test', book.arrivals);
const setAside = () => (book.world.queues.get(FAILED_POSITIONS) ?? []).map((body) => JSON.parse(body) as Record<string, unknown>);

async function projected(): Promise<string[]> {
  const summaries = book.world.as('project').models.table(DAY_SUMMARIES);
  const meters = ['m1', 'm2', 'm3', 'm4', 'm5'];
  const there = await Promise.all(meters.map(async (one) => (await Array.fromAsync(summaries.keys(`up-${one}`, ''))).length));
  return meters.filter((_, i) => there[i]! > 0);
}

it('while the store is away, however long, nothing is set aside, and all is taken when it is back', async () => {
  for (const meterId of ['m1', 'm2', 'm3']) await day(meterId);
  const mapping = new StreamMapping(project());
  mapping.add(arrivals());
  faults.set('store', { kind: 'down' });
  await mapping.run(LONG);
  expect([mapping.invoked, mapping.waiting, setAside()]).toEqual([LONG, 3, []]);
  faults.set('store', undefined);
  await mapping.run(LONG);
  expect([mapping.waiting, await projected(), setAside()]).toEqual([0, ['m1', 'm2', 'm3'], []]);
});

it('a day that the function chokes on is set aside at once, when it was tried a few times, and the others go on', async () => {
  for (const meterId of ['m1', 'm2']) await day(meterId);
  await day('m3', POISON);
  for (const meterId of ['m4', 'm5']) await day(meterId);
  const mapping = new StreamMapping(project());
  mapping.add(arrivals());
  await mapping.run(LONG);
  expect(await projected()).toEqual(['m1', 'm2', 'm4', 'm5']);
  const position = { feed: 'project-days', function: 'project', stream: `meterday/m3/${DAY}`, version: 0, count: 2, attempts: TRIES };
  expect(setAside()).toEqual([position]);
  expect(paused).toHaveLength(TRIES - 1);
  expect(mapping.invoked).toBe(1);
});

it('what comes of the same stream behind it is tried once', async () => {
  await day('m1', POISON);
  await book.record(`m1/${DAY}`, 'anna', finalized(2));
  await day('m2');
  const mapping = new StreamMapping(project());
  mapping.add(arrivals());
  await mapping.run(LONG);
  expect(setAside().map(({ version, attempts }) => [version, attempts])).toEqual([
    [0, TRIES],
    [2, 1],
  ]);
  expect(await projected()).toEqual(['m2']);
});

it('poison behind a record that waits is not set aside before, and once', async () => {
  await day('m1');
  await day('m2', POISON);
  await day('m3');
  let isAway = true;
  const handler = makeProject(book.world.as('project'), defencesUnderTest());
  const follows: FeedFunction = async (event, context) => {
    const touches = event.Records.some(({ dynamodb }) => dynamodb!.Keys!['pk']!.S!.includes('/m1/'));
    if (isAway && touches) throw new JoulekeepError('ERR_KMS_THROTTLED', 'later', { retryable: true });
    return (await handler(event, context)) ?? undefined;
  };
  const mapping = new StreamMapping(makePatient('project', parts(book.world.as('project')), follows));
  mapping.add(arrivals());
  await mapping.run(LONG);
  expect([setAside(), mapping.waiting]).toEqual([[], 3]);
  isAway = false;
  await mapping.run(LONG);
  expect(setAside()).toMatchObject([{ stream: `meterday/m2/${DAY}` }]);
  expect(await projected()).toEqual(['m1', 'm3']);
});

it('a record with which every invocation fails as a whole is found by halving, and set aside', async () => {
  for (const meterId of ['m1', 'm2', 'm3', 'm4']) await day(meterId);
  const seen = new Set<string>();
  const follows: FeedFunction = async ({ Records }) => {
    if (Records.some((record) => nameOf(record).includes('/m3/'))) throw new Error('choked');
    for (const record of Records) seen.add(nameOf(record));
    return { batchItemFailures: [] };
  };
  const mapping = new StreamMapping(makePatient('project', parts(book.world.as('project')), follows));
  mapping.add(arrivals());
  await mapping.run(LONG);
  expect([seen.size, setAside().length, mapping.waiting]).toEqual([3, 1, 0]);
});

it('with its time nearly up it hands back where it is, and goes on from there', async () => {
  await day('m1');
  await day('m2', POISON);
  const hurried = new StreamMapping(project(), 100, 5_000);
  hurried.add(arrivals());
  await hurried.run(3);
  expect([hurried.waiting, setAside(), await projected()]).toEqual([1, [], ['m1']]);
});

it('a position that can not be set down keeps its record where it is', async () => {
  await day('m1', POISON);
  const platform = book.world.as('project');
  const queues = {
    ...platform.queues,
    send: () => Promise.reject(new JoulekeepError('ERR_QUEUE_UNAVAILABLE', 'away', { retryable: true })),
  };
  const follows = makePatient('project', parts({ ...platform, queues }), makeProject(platform, defencesUnderTest()));
  const mapping = new StreamMapping(follows);
  mapping.add(arrivals());
  await mapping.run(5);
  expect(mapping.waiting).toBe(1);
});

it('the relay tells nothing behind what waits, and goes on behind what is set aside', async () => {
  await day('m1');
  await day('m2', POISON);
  await day('m3');
  const platform = book.world.as('relay');
  let isAway = true;
  const bus: Platform['bus'] = {
    publish: async (events) => {
      if (isAway) throw new JoulekeepError('ERR_BUS_UNAVAILABLE', 'away', { retryable: true });
      await platform.bus.publish(events);
    },
  };
  const mapping = new StreamMapping(makePatient('relay', parts(platform), makeRelay({ ...platform, bus }, defencesUnderTest())));
  mapping.add(arrivals());
  await mapping.run(LONG);
  expect([mapping.waiting, setAside()]).toEqual([3, []]);
  isAway = false;
  await mapping.run(LONG);
  const told = (book.world.queues.get('billing') ?? []).map((body) => (JSON.parse(body) as { subject: string }).subject);
  expect(told).toHaveLength(2);
  expect(setAside()).toMatchObject([{ feed: 'relay', stream: `meterday/m2/${DAY}` }]);
});

function nameOf({ dynamodb }: DynamoDBRecord): string {
  return dynamodb!.Keys!['pk']!.S!;
}
