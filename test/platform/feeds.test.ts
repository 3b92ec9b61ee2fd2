import type { DynamoDBRecord } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EmbeddedHost } from '../../platform/embedded/host/host.ts';
import { chainHash } from '../../platform/store/commit.ts';
import { shardOf } from '../../platform/store/shards.ts';
import { FEEDS } from '../../topology/feeds.ts';
import { QUEUES } from '../../topology/queues.ts';
import { DONE, FeedWorld, failed, nameOf, SPEC } from './feed-world.ts';
import { SILENT } from './gateway-fixture.ts';

let world: FeedWorld;
beforeEach(async () => {
  world = await FeedWorld.open();
});
afterEach(() => world.close());

describe('the change feed', () => {
  it('hands over commits of its streams in the order of arrival, as a change stream of the table would', async () => {
    const records: DynamoDBRecord[] = [];
    await world.append('segment/1', 'meter/m1', 'segment/2', 'segment/1');
    await world.start({
      consume: async ({ Records }) => {
        records.push(...Records);
        return DONE;
      },
    });
    await world.host!.drain();
    await world.append('segment/2');
    await world.host!.drain();
    expect(records.map(nameOf)).toEqual(['segment/1@0', 'segment/2@0', 'segment/1@2', 'segment/2@2']);
    const { eventName, eventSource, dynamodb } = records[2]!;
    expect({ eventName, eventSource, type: dynamodb?.StreamViewType }).toEqual({
      eventName: 'INSERT',
      eventSource: 'aws:dynamodb',
      type: 'NEW_IMAGE',
    });
    expect(dynamodb?.Keys).toEqual({ pk: { S: 'segment/1' }, sk: { N: '2' } });
    const { keyId, hash, ...image } = dynamodb!.NewImage!;
    expect(image).toEqual({ ...dynamodb!.Keys, count: { N: '2' } });
    expect(keyId?.S).toMatch(/^segment\/1\/\d{13}$/);
    const [, second] = [...world.state.database.stored('segment/1')];
    expect(Buffer.from(hash!.B!, 'base64')).toEqual(chainHash(second!));
    const sequences = records.map((record) => record.dynamodb!.SequenceNumber!);
    expect(sequences).toEqual([...sequences].sort());
  });

  it('a partial failure rewinds to the lowest record named: those before it are done, those behind it come again', async () => {
    const batches: string[][] = [];
    await world.append(...Array<string>(6).fill('segment/1'));
    let tries = 0;
    const handler = async ({ Records }: { Records: DynamoDBRecord[] }) => {
      batches.push(Records.map(nameOf));
      if (tries++ > 0) return DONE;
      return { batchItemFailures: [...failed(Records[4]!).batchItemFailures, ...failed(Records[2]!).batchItemFailures] };
    };
    await world.start({ consume: handler });
    await world.host!.drain();
    expect(batches).toEqual([
      [0, 2, 4, 6, 8].map((version) => `segment/1@${version}`),
      [4, 6, 8, 10].map((version) => `segment/1@${version}`),
    ]);
    expect(await world.setAside()).toEqual([]);
  });

  it('a batch that fails as a whole is halved; the poison record is tried three times, set aside alone, and the rest goes on', async () => {
    const seen: string[] = [];
    let tries = 0;
    await world.append('segment/1', 'segment/2', 'segment/3', 'segment/2', 'segment/1');
    await world.start({
      consume: async ({ Records }) => {
        const names = Records.map(nameOf);
        if (names.includes('segment/2@0')) {
          if (names.length === 1) tries++;
          throw new Error('poison');
        }
        seen.push(...names);
        return DONE;
      },
    });
    await world.host!.drain();
    expect(seen).toEqual(['segment/1@0', 'segment/3@0', 'segment/2@2', 'segment/1@2']);
    expect(tries).toBe(3);
    const position = { feed: 'readers', function: 'consume', stream: 'segment/2', version: 0, count: 2, attempts: 3 };
    expect(await world.setAside()).toEqual([position]);
  });

  it('a response that names a record of another batch failed for the whole batch', async () => {
    let tries = 0;
    const seen: string[] = [];
    await world.append('segment/1', 'segment/2');
    await world.start({
      consume: async ({ Records }) => {
        if (tries++ === 0) return { batchItemFailures: [{ itemIdentifier: 'elsewhere' }] };
        seen.push(...Records.map(nameOf));
        return DONE;
      },
    });
    await world.host!.drain();
    expect(seen).toEqual(['segment/1@0', 'segment/2@0']);
  });

  it('a poison record of one shard holds up no other shard', async () => {
    const one = 'segment/1';
    const other = ['segment/2', 'segment/3', 'segment/4'].find((stream) => shardOf(stream, 2) !== shardOf(one, 2))!;
    const free = Promise.withResolvers<void>();
    await world.append(one, other, other);
    await world.start(
      {
        consume: async ({ Records }) => {
          if (nameOf(Records[0]!).startsWith(other)) free.resolve();
          else await free.promise;
          return DONE;
        },
      },
      { parallelization: 2, batchSize: 10 },
    );
    await expect(world.host!.drain()).resolves.toBeUndefined();
  });

  it('goes on where it was after a restart, and a failure counted before counts', async () => {
    const seen: string[] = [];
    let tries = 0;
    await world.append('segment/1', 'segment/1');
    const handler = async ({ Records }: { Records: DynamoDBRecord[] }) => {
      seen.push(nameOf(Records[0]!));
      if (nameOf(Records[0]!) === 'segment/1@2') {
        tries++;
        if (tries === 2) void world.host!.stop();
        return failed(Records[0]!);
      }
      return DONE;
    };
    await world.start({ consume: handler }, { batchSize: 1, maxRetries: 3 });
    await world.host!.drain();
    await world.start({ consume: handler }, { batchSize: 1, maxRetries: 3 });
    await world.append('segment/1');
    await world.host!.drain();
    expect(tries).toBe(4);
    expect(seen.at(0)).toBe('segment/1@0');
    expect(seen.filter((name) => name === 'segment/1@0')).toHaveLength(1);
    expect(seen.at(-1)).toBe('segment/1@4');
    expect(await world.setAside()).toHaveLength(1);
  });

  it('with another number of shards nothing is left out', async () => {
    const streams = ['segment/1', 'segment/2', 'segment/3', 'segment/4', 'segment/5', 'segment/6'];
    const seen = new Set<string>();
    const consume = async ({ Records }: { Records: DynamoDBRecord[] }) => {
      for (const record of Records) seen.add(nameOf(record));
      return DONE;
    };
    for (const [round, parallelization] of [2, 3, 1].entries()) {
      await world.append(...streams);
      await world.start({ consume }, { parallelization });
      await world.host!.drain();
      await world.host!.stop();
      expect(seen.size).toBe((round + 1) * streams.length);
    }
  });

  it('with another number of shards every shard begins where the one furthest behind was', () => {
    expect(world.cursors.open('readers', 2)).toEqual([
      { place: 0, attempts: 0 },
      { place: 0, attempts: 0 },
    ]);
    world.cursors.move('readers', 0, 2, { place: 10, attempts: 0 });
    world.cursors.move('readers', 1, 2, { place: 4, attempts: 1 });
    expect(world.cursors.open('readers', 2)).toMatchObject([
      { place: 10, attempts: 0 },
      { place: 4, attempts: 1 },
    ]);
    expect(world.cursors.open('readers', 3)).toEqual(Array(3).fill({ place: 4, attempts: 0 }));
    expect(world.cursors.open('others', 1)).toEqual([{ place: 0, attempts: 0 }]);
  });

  it('drain waits for what one worker makes another do', async () => {
    const [first, second] = ['segment/1', 'meter/m1'];
    const seen: string[] = [];
    const feeds = [SPEC, { ...SPEC, name: 'second', function: 'follow', streams: ['meter/'] }];
    const consume = async () => {
      await world.append(second);
      return DONE;
    };
    const follow = async ({ Records }: { Records: DynamoDBRecord[] }) => {
      seen.push(...Records.map(nameOf));
      return DONE;
    };
    await world.append(first);
    await world.start({ consume, follow }, {}, { feeds });
    await world.host!.drain();
    expect(seen).toEqual(['meter/m1@0']);
  });

  it('whoever waits for a feed waits for what was put before, and not for what comes later', async () => {
    const gates: (() => void)[] = [];
    const steps: string[] = [];
    await world.start({
      consume: async ({ Records }) => {
        await new Promise<void>((open) => gates.push(open));
        steps.push(...Records.map(nameOf));
        return DONE;
      },
    });
    await world.append('segment/1');
    const waited = world.host!.caughtUp('consume').then(() => steps.push('caught up'));
    await vi.waitUntil(() => gates.length === 1);
    await world.append('segment/1');
    gates[0]!();
    await waited;
    expect(steps).toEqual(['segment/1@0', 'caught up']);
    await vi.waitUntil(() => gates.length === 2);
    gates[1]!();
    await world.host!.drain();
  });

  it('a handler without a feed is refused, and so are feeds without a source', async () => {
    const stray = expect.objectContaining({ code: 'ERR_HANDLER_WITHOUT_FEED' });
    await expect(world.start({ nobody: async () => DONE })).rejects.toThrow(stray);
    const sourceless = new EmbeddedHost({ queues: world.queues, clock: world.state.clock, log: SILENT, feeds: [SPEC] });
    await expect(sourceless.start({ queues: {}, feeds: { consume: async () => DONE } })).rejects.toThrow(stray);
  });

  it('every feed of the topology sets its failures aside in a queue of the topology', () => {
    expect(FEEDS.map(({ name }) => name)).toEqual(['project-segments', 'project-days', 'relay', 'log']);
    const names = new Set(QUEUES.map(({ name }) => name));
    expect(FEEDS.filter(({ onFailure }) => !names.has(onFailure))).toEqual([]);
  });
});
