import { describe, expect, it } from 'vitest';
import { feedStream } from '../../lambdas/shared/feed-names.ts';
import { makeRelay } from '../../lambdas/relay/handler.ts';
import { streamEvent } from '../../platform/embedded/host/stream-event.ts';
import { lambdaContext } from '../support/sqs.ts';
import { OperatorTown, range } from './operator-world.ts';

const NORTH = range(1, 110);

describe('what is pushed to the operator', () => {
  it('is that a feed of its own has grown, up to which sequence, and nothing of what it says', async () => {
    const town = await OperatorTown.of({ north: NORTH });
    for (const slot of [1, 2, 3]) await town.send(NORTH, slot, 10);
    await town.tell(3);
    const { world } = town.street;
    const arrival = { place: 1, stream: 'area/north', version: 0, count: 3, keyId: '', recordedAt: world.clock.now() };
    await makeRelay(world.as('relay'), town.defences)(streamEvent('test', [arrival]), lambdaContext('relay'));
    const told = (world.queues.get('operator') ?? []).map((body) => JSON.parse(body) as { type: string; data: unknown });
    expect(told.map(({ type, data }) => ({ type, data }))).toEqual([
      { type: 'joulekeep.operator.feed-grew.v1', data: { feed: 'operator/area/north', seq: 3 } },
    ]);
    expect(town.feed('north')).toHaveLength(3);
    expect(feedStream('operator/area/north')).toBe('area/north');
    expect(feedStream('billing/bills')).toBe('feed/billing/bills');
  });
});
