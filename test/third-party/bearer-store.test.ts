import { beforeEach, describe, expect, it } from 'vitest';
import { runDuties } from '../../lambdas/maintenance/run-duties.ts';
import { BearerStore } from '../../platform/ports/bearer-store.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { MemoryWorld } from '../support/memory-platform.ts';

let world: MemoryWorld;
let store: BearerStore;
beforeEach(() => {
  world = new MemoryWorld();
  store = new BearerStore(world.as('authorization'));
});

const PAYLOAD = { grantId: 'a-grant', accountId: 'a-consent' };

describe('what lies behind a secret', () => {
  it('is found by the secret, by nothing else, and until its time is over', async () => {
    await store.add('AccessToken', 'the-secret', PAYLOAD, 600);
    expect(await store.find('AccessToken', 'the-secret')).toEqual(PAYLOAD);
    expect(await store.find('AccessToken', 'another')).toBeUndefined();
    expect(await store.find('RefreshToken', 'the-secret')).toBeUndefined();
    world.clock.advance(600_000);
    expect(await store.find('AccessToken', 'the-secret')).toBeUndefined();
  });

  it('is written once, and what changes is written over', async () => {
    await store.add('AccessToken', 'the-secret', PAYLOAD, 600);
    await store.add('AccessToken', 'the-secret', { grantId: 'another' }, 600);
    expect(await store.find('AccessToken', 'the-secret')).toEqual(PAYLOAD);
    await store.put('Interaction', 'the-secret', PAYLOAD, 600);
    await store.put('Interaction', 'the-secret', { grantId: 'another' }, 600);
    expect(await store.look('Interaction', 'the-secret')).toEqual({ grantId: 'another' });
    await store.forget('Interaction', 'the-secret');
    expect(await store.look('Interaction', 'the-secret')).toBeUndefined();
  });

  it('does not open when it was changed, or put in the place of another', async () => {
    await store.add('AccessToken', 'one', PAYLOAD, 600);
    await store.add('AccessToken', 'two', { grantId: 'another' }, 600);
    const rows = [...world.keys.rows.values()].filter(({ id }) => id.startsWith('token/'));
    expect(rows).toHaveLength(2);
    world.keys.rows.set(rows[0]!.id, { ...rows[0]!, wrapped: rows[1]!.wrapped });
    world.keys.rows.set(rows[1]!.id, { ...rows[1]!, wrapped: rows[0]!.wrapped });
    for (const secret of ['one', 'two'])
      await expect(store.find('AccessToken', secret)).rejects.toMatchObject({ code: 'ERR_TOKEN_DAMAGED' });
  });

  it('is marked by one of many who try', async () => {
    const won = await Promise.all(Array.from({ length: 20 }, () => store.claim('used', 'the-secret', 600)));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await store.claimedAt('used', 'the-secret')).toBe(world.clock.now());
  });

  it('is destroyed when its time is over', async () => {
    await store.add('AccessToken', 'the-secret', PAYLOAD, 600);
    await store.add('RefreshToken', 'a-longer-one', PAYLOAD, 86_400);
    world.clock.advance(3_600_000);
    await runDuties(world.as('maintenance'), defencesUnderTest());
    expect([...world.keys.rows.keys()].filter((id) => id.startsWith('token/')).map((id) => id.split('/')[1])).toEqual(['RefreshToken']);
    expect(await store.find('RefreshToken', 'a-longer-one')).toEqual(PAYLOAD);
  });

  it('is looked at by who serves data, who can neither add nor end anything', async () => {
    await store.add('AccessToken', 'the-secret', PAYLOAD, 600);
    const reader = new BearerStore(world.as('third-party-api'));
    expect(await reader.find('AccessToken', 'the-secret')).toEqual(PAYLOAD);
    for (const attempt of [() => reader.add('AccessToken', 'x', PAYLOAD, 1), () => reader.destroy('AccessToken', 'the-secret')])
      await expect(attempt()).rejects.toMatchObject({ code: 'ERR_KEY_TABLE_ACCESS_DENIED' });
    await expect(new BearerStore(world.as('relay')).find('AccessToken', 'the-secret')).rejects.toMatchObject({
      code: 'ERR_KEY_TABLE_ACCESS_DENIED',
    });
  });
});
