import { describe, expect, it } from 'vitest';
import { makeRelay } from '../../lambdas/relay/handler.ts';
import { feedStream } from '../../lambdas/shared/feeds/feed-names.ts';
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
    const of = { stream: 'area/north', count: 1, keyId: '', recordedAt: world.clock.now() };
    const arrivals = [0, 1, 2].map((version) => ({ ...of, place: version + 1, version }));
    await makeRelay(world.as('relay'), town.defences)(streamEvent('test', arrivals), lambdaContext('relay'));
    const told = (world.queues.get('operator') ?? []).map((body) => JSON.parse(body) as { type: string; data: unknown });
    const grown = [1, 2, 3].map((seq) => ({ type: 'joulekeep.operator.feed-grew.v1', data: { feed: 'operator/area/north', seq } }));
    expect(told.map(({ type, data }) => ({ type, data }))).toEqual(grown);
    expect(town.feed('north')).toHaveLength(3);
    expect(feedStream('operator/area/north')).toBe('area/north');
    expect(feedStream('billing/bills')).toBe('feed/billing/bills');
  });
});
