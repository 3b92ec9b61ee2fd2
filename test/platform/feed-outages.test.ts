import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { JoulekeepError } from '../../events/errors.ts';
import { DONE, FeedWorld, failed, nameOf, SPEC } from './feed-world.ts';

let world: FeedWorld;
beforeEach(async () => {
  world = await FeedWorld.open();
});
afterEach(() => world.close());

describe('a change feed while something outside does not answer', () => {
  it('sets nothing aside, however long; what came meanwhile is taken when it does', async () => {
    const seen: string[] = [];
    let tries = 0;
    let isAway = true;
    await world.append('segment/1', 'segment/2', 'segment/1');
    await world.start({
      consume: async ({ Records }) => {
        tries++;
        if (isAway) throw new JoulekeepError('ERR_STORE_UNAVAILABLE', 'away', { retryable: true });
        seen.push(...Records.map(nameOf));
        return DONE;
      },
    });
    await vi.waitUntil(() => tries > 15);
    await world.append('segment/3');
    isAway = false;
    await world.host!.drain();
    expect(seen).toEqual(['segment/1@0', 'segment/2@0', 'segment/1@2', 'segment/3@0']);
    expect(await world.setAside()).toEqual([]);
  });

  it.each([
    ['by itself', (names: readonly string[]) => names.length === 1 && names[0] === 'segment/1@0'],
    ['and whatever it is handed over with', (names: readonly string[]) => names.includes('segment/1@0')],
  ])('a record that no service answers %s is set aside when another stream’s goes through meanwhile', async (_how, isPoison) => {
    const seen = new Set<string>();
    let tries = 0;
    await world.append('segment/1');
    await world.start({
      consume: async ({ Records }) => {
        const names = Records.map(nameOf);
        if (names.includes('segment/1@0')) tries++;
        if (isPoison(names)) throw new JoulekeepError('ERR_STORE_UNAVAILABLE', 'away', { retryable: true });
        if (names.includes('segment/1@0')) return failed(Records[0]!);
        for (const name of names) seen.add(name);
        return DONE;
      },
    });
    await vi.waitUntil(() => tries > 3 * SPEC.maxRetries);
    expect(await world.setAside()).toEqual([]);
    await world.append('segment/2');
    await world.host!.drain();
    expect([...seen]).toEqual(['segment/2@0']);
    expect(await world.setAside()).toMatchObject([{ stream: 'segment/1', version: 0 }]);
  });
});
