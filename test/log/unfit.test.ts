import type { DynamoDBStreamEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { makeLogCollect } from '../../lambdas/log/handler.ts';
import type { Arrival } from '../../platform/embedded/event-database.ts';
import { lambdaContext } from '../../platform/embedded/host/lambda-context.ts';
import { streamEvent } from '../../platform/embedded/host/stream-event.ts';
import { FAILED_POSITIONS } from '../../topology/queues.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { LogWorld, MINUTE } from './log-world.ts';

/** What somebody put into the table who is none of ours. */
const UNFIT: readonly [string, Partial<Arrival>][] = [
  ['no hash', {}],
  ['a hash that is too short', { hash: Buffer.alloc(31) }],
  ['a hash that is too long', { hash: Buffer.alloc(33) }],
  ['a name that is too long', { hash: Buffer.alloc(32), stream: `segment/${'x'.repeat(200)}` }],
  ['a name that says that a stream was restored', { hash: Buffer.alloc(32), stream: 'restored:segment/1' }],
  ['a version that is none', { hash: Buffer.alloc(32), version: Number.NaN }],
];

async function told(log: LogWorld, event: DynamoDBStreamEvent): Promise<string[]> {
  const aside: string[] = [];
  const queues = { ...log.platform.queues, send: async (queue: string, body: string) => void aside.push(`${queue} ${body}`) };
  const answer = await makeLogCollect({ ...log.platform, queues }, defencesUnderTest())(event, lambdaContext('log-collect', MINUTE));
  expect(answer).toEqual({ batchItemFailures: [] });
  return aside;
}

describe('what is in the table and is no commit', () => {
  it.each(UNFIT)(
    'C10.1-7: %s: it is set aside, and all others have their places, those behind it in its stream too',
    async (_, changed) => {
      const log = new LogWorld();
      const arrivals = [...log.commit(20)];
      const unfit = { place: 8, stream: 'segment/1', version: 900, count: 1, keyId: '', recordedAt: 0, ...changed } as Arrival;
      const aside = await told(log, streamEvent('log', [...arrivals.slice(0, 7), unfit, ...arrivals.slice(7)]));
      await log.run();
      expect(await log.entries()).toEqual(log.expected());
      await log.tell(log.commit(20));
      await log.run();
      expect(await log.entries()).toEqual(log.expected());
      expect(aside).toHaveLength(1);
      const [queue, ...body] = aside[0]!.split(' ');
      expect(queue).toBe(FAILED_POSITIONS);
      expect(JSON.parse(body.join(' '))).toMatchObject({ feed: 'log', function: 'log-collect', stream: unfit.stream, count: 1 });
    },
  );

  it('C10.1-7: sets nothing aside of what is a commit, and waits where the store is away', async () => {
    const log = new LogWorld();
    const arrivals = log.commit(3);
    expect(await told(log, streamEvent('log', arrivals))).toEqual([]);
    const away = async () => {
      throw new Error('the store is away');
    };
    const platform = { ...log.platform, objects: { ...log.platform.objects, put: away } };
    await expect(log.tell(arrivals, platform)).rejects.toThrow('the store is away');
  });
});
