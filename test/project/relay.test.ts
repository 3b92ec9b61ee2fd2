import { beforeEach, describe, expect, it } from 'vitest';
import { BILLING_DAY, BILLING_MOVE, type BillingEvent } from '../../events/catalogue/billing.ts';
import { CATALOGUE } from '../../events/catalogue/catalogue.ts';
import type { DayFrame, MeterDayEvent } from '../../events/index.ts';
import { makeRelay } from '../../lambdas/relay/handler.ts';
import { EmbeddedBus } from '../../platform/embedded/bus.ts';
import type { Arrival } from '../../platform/embedded/event-database.ts';
import { streamEvent } from '../../platform/embedded/host/stream-event.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { QUEUES } from '../../topology/queues.ts';
import { mortal } from '../subjects/sealed-days.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { Faults, faulty } from '../support/faults.ts';
import { lambdaContext } from '../support/sqs.ts';
import { AT, collected, DAY, DayBook, finalized, frame, provisional, restated, validated } from './day-facts.ts';
import { failedOf } from './following.ts';

let book: DayBook;

beforeEach(() => {
  book = new DayBook();
});

async function relay(arrivals: readonly Arrival[] = book.arrivals, platform: Platform = book.world.as('relay')) {
  const handler = makeRelay(platform, defencesUnderTest());
  return failedOf(await handler(streamEvent('test', arrivals), lambdaContext('relay')));
}

function told(): BillingEvent[] {
  return (book.world.queues.get('billing') ?? []).map((body) => JSON.parse(body) as BillingEvent);
}

/** The queue of billing is away at these sends, counted from 1. */
function flaky(...away: readonly number[]): Platform {
  const platform = book.world.as('relay');
  let sends = 0;
  const send = async (queue: string, body: string) => {
    if (queue === 'billing' && away.includes(++sends)) throw new Error('away');
    await platform.queues.send(queue, body);
  };
  return { ...platform, bus: new EmbeddedBus({ send }) };
}

describe('the relay to billing', () => {
  it('tells that a day is final, and that it was stated again, as CloudEvents, and nothing else', async () => {
    await book.record(`m1/${DAY}`, 'anna', collected(), validated(), provisional(1), finalized(2, {}, true));
    await book.record(`m1/${DAY}`, 'anna', restated(3, 9_500));
    expect(await relay()).toEqual([]);
    const data = { usagePoint: 'up-1', account: 'anna', meterId: 'm1', day: DAY, part: 1, stream: `meterday/m1/${DAY}` };
    const of = { specversion: '1.0', source: 'joulekeep/meterday', subject: 'up-1', datacontenttype: 'application/json' };
    expect(told()).toEqual([
      {
        ...of,
        id: `meterday/m1/${DAY}/3`,
        type: 'joulekeep.billing.day-finalized.v1',
        time: new Date(AT + 2).toISOString(),
        data: { ...data, revision: 2, held: true, version: 3 },
      },
      {
        ...of,
        id: `meterday/m1/${DAY}/4`,
        type: 'joulekeep.billing.day-restated.v1',
        time: new Date(AT + 3).toISOString(),
        data: { ...data, revision: 3, held: false, version: 4 },
      },
    ]);
  });

  it('a record tells what its own commit says: what came before was told by its own', async () => {
    await book.record(`m1/${DAY}`, 'anna', collected(), finalized(1));
    await book.record(`m1/${DAY}`, 'anna', restated(2, 9_500));
    expect(await relay(book.arrivals.slice(1))).toEqual([]);
    expect(told().map(({ id }) => id)).toEqual([`meterday/m1/${DAY}/2`]);
  });

  it('the same record again has the same id', async () => {
    await book.record(`m1/${DAY}`, 'anna', collected(), finalized(1));
    await relay();
    await relay();
    const [first, again, ...more] = told();
    expect(again).toEqual(first);
    expect(more).toEqual([]);
  });

  it('a day sealed again for another subject is told of under that subject from then on', async () => {
    const ben = frame({ subject: 'ben' });
    await book.record(`m1/${DAY}`, 'ben', {
      type: 'DayResealed',
      data: { frame: ben, history: [collected(ben), finalized(1)], reason: 'cut', at: AT },
    });
    await book.record(`m1/${DAY}`, 'ben', restated(2, 4_000));
    expect(await relay()).toEqual([]);
    expect(told().map(({ type, data: { account } }) => [type, account])).toEqual([
      ['joulekeep.billing.day-moved.v1', 'ben'],
      ['joulekeep.billing.day-restated.v1', 'ben'],
    ]);
  });

  it('a day that moved names whose it was; a part that was made has nobody before; a key that was changed is told to nobody', async () => {
    const ben = frame({ subject: 'ben' });
    const noon = frame().start + 43_200;
    const moved = (of: DayFrame, ...history: readonly MeterDayEvent[]): MeterDayEvent => {
      return { type: 'DayResealed', data: { frame: of, history, reason: 'told late', at: AT } };
    };
    await book.record(`m1/${DAY}`, 'anna', collected(), finalized(1));
    await book.record(`m1/${DAY}`, 'ben', moved(ben, collected(ben), finalized(1)));
    await book.record(`m2/${DAY}`, 'anna', collected(), finalized(1));
    await book.record(`m2/${DAY}`, 'anna', moved(frame({ end: noon }), collected(frame({ end: noon }))));
    await book.record(`m2/${DAY}.2`, 'ben', moved(frame({ subject: 'ben', part: 2, start: noon }), collected(ben)));
    await book.record(`m3/${DAY}`, 'anna', collected(), finalized(1));
    await book.record(`m3/${DAY}`, 'anna', moved(frame(), collected(), finalized(1)));
    await book.record(`m4/${DAY}.2`, 'ben', collected(ben), finalized(1));
    await book.record(`m4/${DAY}.2`, 'ben', moved(ben));
    expect(await relay()).toEqual([]);
    const moves = told().filter(({ type }) => type === 'joulekeep.billing.day-moved.v1');
    const place = { usagePoint: 'up-1', meterId: 'm1', day: DAY };
    expect(moves.map(({ id, data }) => [id, data])).toEqual([
      [`meterday/m1/${DAY}/2`, { ...place, account: 'ben', former: 'anna', part: 1, stream: `meterday/m1/${DAY}`, version: 2 }],
      [`meterday/m2/${DAY}/2`, { ...place, account: 'anna', former: 'anna', part: 1, stream: `meterday/m2/${DAY}`, version: 2 }],
      [`meterday/m2/${DAY}.2/0`, { ...place, account: 'ben', part: 2, stream: `meterday/m2/${DAY}.2`, version: 0 }],
      [`meterday/m4/${DAY}.2/2`, { ...place, account: 'ben', former: 'ben', part: 1, stream: `meterday/m4/${DAY}.2`, version: 2 }],
    ]);
    expect(JSON.stringify(moves)).not.toMatch(/energy|channel|counts/i);
  });

  it('a send that fails is tried again at once, and only that one', async () => {
    for (const meter of ['m1', 'm2', 'm3'])
      await book.record(`${meter}/${DAY}`, 'anna', collected(frame({ meterId: meter })), finalized(1));
    expect(await relay(book.arrivals, flaky(2, 3))).toEqual([]);
    expect(told().map(({ data }) => data.meterId)).toEqual(['m1', 'm2', 'm3']);
  });

  it('where it keeps failing the record is handed back, what was sent is not sent again, and nothing overtakes it', async () => {
    for (const meter of ['m1', 'm2', 'm3'])
      await book.record(`${meter}/${DAY}`, 'anna', collected(frame({ meterId: meter })), finalized(1));
    expect(await relay(book.arrivals, flaky(2, 3, 4))).toEqual([String(2).padStart(21, '0')]);
    expect(told().map(({ data }) => data.meterId)).toEqual(['m1']);
    expect(await relay(book.arrivals.slice(1))).toEqual([]);
    expect(told().map(({ data }) => data.meterId)).toEqual(['m1', 'm2', 'm3']);
  });

  it('where nothing at all goes out because the bus or the store is away, no record is at fault', async () => {
    for (const meter of ['m1', 'm2']) await book.record(`${meter}/${DAY}`, 'anna', collected(frame({ meterId: meter })), finalized(1));
    const faults = new Faults();
    const platform = faulty(book.world.as('relay'), faults);
    for (const [part, code] of [
      ['bus', 'ERR_BUS_UNAVAILABLE'],
      ['store', 'ERR_STORE_UNAVAILABLE'],
    ] as const) {
      faults.set(part, { kind: 'down' });
      await expect(relay(book.arrivals, platform)).rejects.toMatchObject({ code });
      faults.set(part, undefined);
    }
    expect(told()).toEqual([]);
    expect(await relay(book.arrivals, platform)).toEqual([]);
    expect(told().map(({ data }) => data.meterId)).toEqual(['m1', 'm2']);
  });

  it('a day that cannot be read is handed back, and nothing that comes behind it is told', async () => {
    for (const meter of ['m1', 'm2', 'm3'])
      await book.record(`${meter}/${DAY}`, 'anna', collected(frame({ meterId: meter })), finalized(1));
    const platform = book.world.as('relay');
    const { events } = mortal(platform, Number.POSITIVE_INFINITY);
    const read: typeof events.read = (stream, ...of) => {
      if (stream.includes('/m2/')) throw new Error('away');
      return events.read(stream, ...of);
    };
    expect(await relay(book.arrivals, { ...platform, events: { ...events, read } })).toEqual([String(2).padStart(21, '0')]);
    expect(told().map(({ data }) => data.meterId)).toEqual(['m1']);
    expect(await relay(book.arrivals.slice(1))).toEqual([]);
    expect(told().map(({ data }) => data.meterId)).toEqual(['m1', 'm2', 'm3']);
  });

  it('where one usage point keeps failing, those beside it are told once, and nothing that comes behind is begun', async () => {
    const points = ['up-1', 'up-2', 'up-3', 'up-1'];
    for (const [i, usagePoint] of points.entries())
      await book.record(`m${i}/${DAY}`, 'anna', collected(frame({ meterId: `m${i}`, usagePoint })), finalized(1));
    let broken = true;
    const platform = book.world.as('relay');
    const send = async (queue: string, body: string) => {
      if (broken && body.includes('up-2')) throw new Error('down');
      await platform.queues.send(queue, body);
    };
    const handler = makeRelay({ ...platform, bus: new EmbeddedBus({ send }) }, defencesUnderTest());
    const take = async (from: number) => failedOf(await handler(streamEvent('test', book.arrivals.slice(from)), lambdaContext('relay')));
    expect(await take(0)).toEqual([String(2).padStart(21, '0')]);
    expect(told().map(({ data }) => data.meterId)).toEqual(['m0', 'm2']);
    broken = false;
    expect(await take(1)).toEqual([]);
    expect(told().map(({ data }) => data.meterId)).toEqual(['m0', 'm2', 'm1', 'm3']);
    expect(await take(1)).toEqual([]);
    expect(told().map(({ data }) => data.meterId)).toEqual(['m0', 'm2', 'm1', 'm3', 'm1', 'm2', 'm3']);
  });

  it('R9.1-3: days are opened behind a record of it, and no energy is in what leaves', async () => {
    await book.record(`m1/${DAY}`, 'anna', collected(), finalized(1, { energyWh: 77_777 }));
    await relay();
    const accesses = book.world.events.eventsOf(`access/${new Date(AT).toISOString().slice(0, 10)}.relay`);
    expect(accesses.map(({ data }) => 'subjects' in data && [data.purpose, data.subjects])).toEqual([['billing', ['anna']]]);
    expect(JSON.stringify(told())).not.toMatch(/77777|energy|channel/i);
  });
});

describe('the catalogue', () => {
  it('every type is delivered by a queue of the topology, and those of days have a closed schema', () => {
    const queues = new Set(QUEUES.map(({ name }) => name));
    expect(CATALOGUE.length).toBeGreaterThan(1);
    for (const { queue } of CATALOGUE) expect(queues).toContain(queue);
    const ofDays = CATALOGUE.filter(({ type }) => type.startsWith('joulekeep.billing.day-'));
    expect(ofDays).toHaveLength(3);
    for (const { data } of ofDays) {
      const sample = data === BILLING_MOVE ? MOVE_SAMPLE : SAMPLE;
      expect(data.safeParse({ ...sample, energyWh: 1 }).success).toBe(false);
      expect(data.safeParse(sample).success).toBe(true);
    }
  });
});

const SAMPLE = BILLING_DAY.parse({
  usagePoint: 'up-1',
  account: 'anna',
  meterId: 'm1',
  day: DAY,
  part: 1,
  revision: 1,
  held: false,
  stream: `meterday/m1/${DAY}`,
  version: 0,
});
const { revision: _revision, held: _held, ...PLACE } = SAMPLE;
const MOVE_SAMPLE = BILLING_MOVE.parse({ ...PLACE, former: 'ben' });
