import { describe, expect, it } from 'vitest';
import { meter } from '../../domain/enrolment/meter.ts';
import type { MeterCommand } from '../../domain/enrolment/meter-command.ts';
import type { MeterState } from '../../domain/enrolment/meter-state.ts';
import { JoulekeepError } from '../../events/index.ts';
import { due, note, settled } from '../../lambdas/shared/devices/agenda.ts';
import { TokenBuckets } from '../../lambdas/shared/devices/token-buckets.ts';
import { Grouped } from '../../lambdas/shared/grouped.ts';
import { foldStream, runDecider, WarmStreams } from '../../lambdas/shared/streams.ts';
import { Turns } from '../../lambdas/shared/turns.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { ASSET, HOUR } from './scene.ts';

const METER = '00124b0000000001';
const STREAM = `meter/${METER}`;
const enrol: MeterCommand = { type: 'EnrolMeter', meterId: METER, certificate: Buffer.from('c'), asset: ASSET, at: 0 };
const tamper = (at: number): MeterCommand => ({ type: 'ReportTamper', code: at % 7, at });

describe('running a decider', () => {
  it('decides again on top of whoever was faster', async () => {
    const { events } = new MemoryWorld();
    await runDecider(events, STREAM, meter, enrol);
    const results = await Promise.all(Array.from({ length: 7 }, (_, at) => runDecider(events, STREAM, meter, tamper(at))));
    expect(results.map((result) => result.events.length)).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(events.eventsOf(STREAM).filter(({ type }) => type === 'TamperReported')).toHaveLength(7);
  });

  it('knows of a stream that begins between reading it and asking where it stands', async () => {
    const { events } = new MemoryWorld();
    const head = events.head.bind(events);
    events.head = async (stream) => {
      events.head = head;
      await runDecider(events, STREAM, meter, enrol);
      return head(stream);
    };
    const folded = await foldStream(events, STREAM, meter);
    expect(folded).toMatchObject({ state: { status: 'enrolled' }, head: { version: 0 } });
    expect((await runDecider(events, STREAM, meter, enrol)).events).toEqual([]);
    expect(events.eventsOf(STREAM)).toHaveLength(1);
  });

  it('gives up when it always loses', async () => {
    const { events } = new MemoryWorld();
    await runDecider(events, STREAM, meter, enrol);
    let rivals = 0;
    events.beforeAppend = async (stream, { events: [event] }) => {
      if (event!.type !== 'TamperReported') return;
      const { state } = await foldStream(events, stream, meter);
      expect(state.status).not.toBe('unknown');
      rivals += 1;
      events.beforeAppend = undefined;
      throw new JoulekeepError('ERR_STORE_DOWN', 'store down', { retryable: true });
    };
    await expect(runDecider(events, STREAM, meter, tamper(1))).rejects.toMatchObject({ code: 'ERR_STORE_DOWN' });
    expect(rivals).toBe(1);
  });

  it('makes several commands one commit, each on top of the one before', async () => {
    const { events } = new MemoryWorld();
    await runDecider(events, STREAM, meter, [enrol, { type: 'ActivateMeter', at: 1 }, { type: 'ActivateMeter', at: 2 }]);
    const commits = [];
    for await (const commit of events.read(STREAM)) commits.push(commit.events.map(({ type }) => type));
    expect(commits).toEqual([['MeterEnrolled', 'MeterActivated']]);
  });

  it('loads a stream key that has gone cold', async () => {
    const { events } = new MemoryWorld();
    const append = events.append.bind(events);
    const head = events.head.bind(events);
    let warmed = false;
    events.head = (stream) => {
      warmed = true;
      return head(stream);
    };
    await runDecider(events, STREAM, meter, enrol);
    warmed = false;
    events.append = (at, commit) => {
      if (!warmed) throw new JoulekeepError('ERR_STREAM_KEY_COLD', 'cold', { retryable: true });
      return append(at, commit);
    };
    await runDecider(events, STREAM, meter, tamper(1));
    expect(events.eventsOf(STREAM)).toHaveLength(2);
  });

  it('reads only what came since, when it remembers', async () => {
    const { events } = new MemoryWorld();
    const warm = new WarmStreams<MeterState>(2);
    await runDecider(events, STREAM, meter, enrol, warm);
    await foldStream(events, STREAM, meter, warm);
    const read = events.read.bind(events);
    const from: (number | undefined)[] = [];
    events.read = (stream, version) => {
      from.push(version);
      return read(stream, version);
    };
    const { state } = await foldStream(events, STREAM, meter, warm);
    expect([state.status, from]).toEqual(['enrolled', [1]]);
    for (const other of ['meter/a', 'meter/b']) await foldStream(events, other, meter, warm);
    expect(warm.get(STREAM)).toBeUndefined();
  });
});

describe('small helpers', () => {
  it('a token bucket gives its burst, then its rate, and no clock goes back', () => {
    const buckets = new TokenBuckets({ burst: 2, perHour: 60 });
    const at = [0, 0, 0, 60_000, 60_000, 30_000, 120_000];
    expect(at.map((now) => buckets.take('a', now))).toEqual([true, true, false, true, false, false, true]);
    expect(buckets.take('b', 0)).toBe(true);
  });

  it('a token bucket forgets names, not limits', () => {
    const buckets = new TokenBuckets({ burst: 1, perHour: 0 }, 2);
    expect(['a', 'a', 'b', 'a', 'c', 'a'].map((name) => buckets.take(name, 0))).toEqual([true, false, true, false, true, false]);
  });

  it('turns of one name follow each other, failed or not', async () => {
    const turns = new Turns();
    const order: string[] = [];
    const work =
      (name: string, fails = false) =>
      async () => {
        order.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        order.push(`${name} ends`);
        if (fails) throw new Error(name);
      };
    const runs = [turns.run('m', work('first', true)), turns.run('m', work('second')), turns.run('n', work('other'))];
    expect((await Promise.allSettled(runs)).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(order.indexOf('second begins')).toBeGreaterThan(order.indexOf('first ends'));
    expect(order.indexOf('other begins')).toBeLessThan(order.indexOf('first ends'));
  });

  it('groups what comes while a group is being written, and tells a failure to whom it concerns', async () => {
    const groups: number[][] = [];
    const grouped = new Grouped<number>(3, async (_name, items) => {
      groups.push([...items]);
      await new Promise((resolve) => setImmediate(resolve));
      if (items.includes(2)) throw new Error('group lost');
    });
    const first = grouped.add('a', 1);
    await Promise.resolve();
    await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
    const later = [2, 3, 4, 5].map((item) => grouped.add('a', item));
    const results = await Promise.allSettled([first, ...later]);
    expect(groups.flat().sort()).toEqual([1, 2, 3, 4, 5]);
    expect(groups.length).toBeLessThan(5);
    expect(results.filter(({ status }) => status === 'rejected').length).toBe(groups.find((group) => group.includes(2))!.length);
  });

  it('an agenda names everybody once, when the hour has come, and forgets nobody', async () => {
    const { directory } = new MemoryWorld();
    const t0 = 1_000 * HOUR;
    await note(directory, [
      { who: 'a', at: t0 + 1 },
      { who: 'a', at: t0 + 2 },
      { who: 'b', at: t0 + HOUR },
      { who: 'c', at: t0 + 5 * HOUR },
    ]);
    expect([...(await due(directory, t0))]).toEqual([]);
    expect([...(await due(directory, t0 + HOUR))].sort()).toEqual(['a', 'b']);
    await settled(directory, t0 + HOUR);
    expect([...(await due(directory, t0 + 2 * HOUR))]).toEqual([]);
    expect([...(await due(directory, t0 + 9 * HOUR))]).toEqual(['c']);
  });
});
