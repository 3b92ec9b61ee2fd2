import { expect, it } from 'vitest';
import { FIRST_HOUR, IngestWorld } from './ingest-world.ts';

it('reads the keys of meters it has not heard before side by side, each once', async () => {
  const world = await IngestWorld.make({ meters: 20 });
  const frames = world.town.flatMap((meter) => [meter.reading(FIRST_HOUR, [1, 2, 3, 4]), meter.reading(FIRST_HOUR, [1, 2, 3, 4])]);
  const { keys } = world.world;
  const list = keys.list.bind(keys);
  const asked: string[] = [];
  let waiting = 0;
  let most = 0;
  keys.list = async (prefix) => {
    if (!prefix.startsWith('epoch/')) return await list(prefix);
    asked.push(prefix);
    most = Math.max(most, ++waiting);
    await new Promise((resolve) => setImmediate(resolve));
    waiting--;
    return await list(prefix);
  };
  await world.deliver(frames);
  expect(asked).toEqual([...new Set(asked)]);
  expect([asked.length, most]).toEqual([20, 20]);
  expect((await world.tally()).accepted).toBe(40);
  await world.deliver(world.town.map((meter) => meter.reading(FIRST_HOUR, [1, 2, 3, 4])));
  expect(asked).toHaveLength(20);
});
