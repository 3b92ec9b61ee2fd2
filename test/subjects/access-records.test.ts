import { describe, expect, it } from 'vitest';
import type { DataAccessed } from '../../events/index.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { MemoryWorld } from '../support/memory-platform.ts';

const WINDOW = { from: 1, until: 2 };

async function accesses(world: MemoryWorld): Promise<(readonly [string, number, number])[]> {
  const streams = await Array.fromAsync(world.events.streams('access/'));
  const counted = streams.map(async (stream) => {
    const commits = await Array.fromAsync(world.events.read(stream));
    return [stream, commits.length, commits.flatMap(({ events }) => events).length] as const;
  });
  return await Promise.all(counted);
}

/** The store as another process has it. */
function storeOf({ events }: MemoryWorld, changed: Partial<Platform['events']> = {}): Platform['events'] {
  const own = (target: object, name: string | symbol) => {
    const value: unknown = Reflect.get(target, name, target);
    return typeof value === 'function' ? value.bind(target) : value;
  };
  return new Proxy(events, { get: (target, name) => (Object.hasOwn(changed, name) ? Reflect.get(changed, name) : own(target, name)) });
}

const look = (platform: Platform, subject: string) =>
  openSubjectData(platform, { purpose: 'customer-view', ...WINDOW, subjects: [subject] });

describe('accesses that come at once', () => {
  it('are each on record, those that wait as one commit, and none loses to another', async () => {
    const world = new MemoryWorld();
    const platform = world.as('usage-api');
    await Promise.all(Array.from({ length: 200 }, () => look(platform, 'anna')));
    const [[, commits, events] = ['', 0, 0], ...others] = await accesses(world);
    expect([events, others]).toEqual([200, []]);
    expect(commits).toBeLessThan(5);
    await look(platform, 'anna');
    expect((await accesses(world))[0]![2]).toBe(201);
  });

  it('of two processes are all on record', async () => {
    const world = new MemoryWorld();
    const twin = { ...world.as('usage-api'), events: storeOf(world) };
    await Promise.all([...Array(20)].flatMap(() => [look(world.as('usage-api'), 'anna'), look(twin, 'anna')]));
    expect((await accesses(world)).reduce((sum, [, , events]) => sum + events, 0)).toBe(40);
  });

  it('of customers lie in sixteen streams, one customer’s in one', async () => {
    const world = new MemoryWorld();
    for (let i = 0; i < 100; i++) await look(world.as('usage-api'), `acc-${i}`);
    const streams = (await accesses(world)).map(([stream]) => stream);
    expect(streams).toHaveLength(16);
    for (const stream of streams) expect(stream).toMatch(/^access\/\d{4}-\d\d-\d\d\.usage-api\.[0-9a-f]$/);
  });

  it('are not granted when they could not be recorded, and the next ones are', async () => {
    const world = new MemoryWorld();
    const platform = world.as('usage-api');
    let isBroken = true;
    const head: Platform['events']['head'] = async (stream) => {
      if (isBroken) throw new Error('no disk');
      return await world.events.head(stream);
    };
    const failing = { ...platform, events: storeOf(world, { head }) };
    const outcomes = await Promise.allSettled([look(failing, 'anna'), look(failing, 'anna')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isBroken = false;
    await look(failing, 'anna');
    const [stream] = await Array.fromAsync(world.events.streams('access/'));
    expect(world.events.eventsOf(stream!).map(({ data }) => (data as DataAccessed).subjects)).toEqual([['anna']]);
  });
});
