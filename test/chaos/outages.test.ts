import { describe, expect, it } from 'vitest';
import type { Part, Trouble } from '../support/faults.ts';
import { ChaosTown, MINUTE, START } from './chaos-town.ts';

const RELAYS = ['one', 'two'] as const;

async function through(part: Part, trouble: Trouble): Promise<ChaosTown> {
  const town = await ChaosTown.make(RELAYS);
  const speak = () => town.speakAll(RELAYS);
  await town.minutes(2, speak);
  town.faults.set(part, trouble);
  await town.minutes(10, speak);
  town.faults.set(part, undefined);
  await town.minutes(2, speak);
  await town.minutes(15);
  return town;
}

async function isWhole(town: ChaosTown): Promise<void> {
  expect(town.queue.waiting, 'messages that still wait').toBe(0);
  expect(town.queue.dead, 'dead letters').toEqual([]);
  expect(await town.tally()).toMatchObject({ accepted: town.honest.frames, duplicate: 0, quarantined: 0 });
  expect(await town.stored(RELAYS)).toEqual({ energyWh: town.honest.energyWh, twice: 0 });
}

describe('ten minutes without a service of the outside world', () => {
  it.each<[string, Part, Trouble]>([
    ['the store answers nothing', 'store', { kind: 'down' }],
    ['the store answers one call in four', 'store', { kind: 'throttled', oneIn: 4 }],
    ['the directory answers nothing', 'directory', { kind: 'down' }],
  ])(
    'T8.1-4, C10.1-8: %s: nothing accepted is lost or counted twice, no message is given up, the backlog drains',
    async (_, part, trouble) => {
      const town = await through(part, trouble);
      expect(town.faults.refused[part]).toBeGreaterThan(10);
      await isWhole(town);
    },
  );

  it.each<[string, Trouble]>([
    ['answers nothing', { kind: 'down' }],
    ['answers one call in four', { kind: 'throttled', oneIn: 4 }],
  ])('T8.1-4, C10.1-8: the key service %s while a town speaks for the first time: all of it is taken in afterwards', async (_, trouble) => {
    const town = await ChaosTown.make(RELAYS);
    town.faults.set('keyService', trouble);
    await town.minutes(10, () => town.speakAll(RELAYS));
    expect(town.faults.refused.keyService).toBeGreaterThan(0);
    town.faults.set('keyService', undefined);
    await town.minutes(15);
    await isWhole(town);
  });
});

describe('a clock that jumps', () => {
  it.each([2 * 60, -2 * 60, 400 * 24 * 60, -400 * 24 * 60])(
    'by %d minutes and back: what was taken in stays and counts once, what came meanwhile is recorded with its reason, and all is taken afterwards',
    async (by) => {
      const town = await ChaosTown.make(RELAYS);
      await town.minutes(1, () => town.speak('one'));
      const before = town.honest.frames;
      town.world.clock.set(START + by * MINUTE);
      await town.minutes(2, () => town.speak('one'));
      const during = town.honest.frames - before;
      town.world.clock.set(START + 5 * MINUTE);
      await town.minutes(2, () => town.speak('one'));
      const { accepted, duplicate, quarantined } = await town.tally();
      expect(accepted + quarantined).toBe(town.honest.frames);
      expect(duplicate).toBe(0);
      expect(quarantined).toBe(Math.abs(by) > 24 * 60 ? during : 0);
      expect(await town.stored(['one'])).toEqual({ energyWh: accepted * 10, twice: 0 });
      expect(town.queue.dead).toEqual([]);
    },
  );
});
