import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DomainEvent } from '../../events/index.ts';
import { appendItems } from '../../lambdas/shared/feeds/feed-append.ts';
import { readOpenFeed, recordedItem } from '../../lambdas/shared/feeds/feed-items.ts';
import { feedOfStream, feedStream } from '../../lambdas/shared/feeds/feed-names.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { FEED_START } from '../../protocol/feed.ts';
import { ManualClock, MemoryWorld } from '../support/memory-platform.ts';

const FEED = 'operator/test';
let directory: string;
let embedded: Embedded;
let stores: Record<'memory' | 'embedded', Platform>;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'joulekeep-items-'));
  embedded = await createEmbeddedPlatform({ stateDir: directory, clock: new ManualClock(Date.UTC(2026, 1, 8)), timer: false });
  stores = { memory: new MemoryWorld().as('billing-api'), embedded: embedded.as('billing-api') };
});

afterEach(async () => {
  await embedded.close();
  rmSync(directory, { recursive: true, force: true });
});

const dataOf = (seq: number) => ({
  seq,
  prevHash: FEED_START.hash,
  hash: createHash('sha256').update(String(seq)).digest('base64url'),
  jws: `item-${seq}`,
  at: seq,
});
const item = (seq: number): DomainEvent => ({ type: 'FeedItemIssued', data: dataOf(seq) });

async function commit({ events }: Platform, ...facts: readonly DomainEvent[]): Promise<void> {
  const head = await events.head(feedStream(FEED));
  const commitId = createHash('sha256').update(JSON.stringify(facts)).digest();
  await events.append(head, { commitId, events: facts }).durable;
}

describe.each(['memory', 'embedded'] as const)('items of a feed in the %s store', (which) => {
  const read = async (after: number, most = 100) => (await readOpenFeed(stores[which], FEED, after, most)).map(({ item: text }) => text);
  const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => `item-${first + i}`);

  it('are read from anywhere, one by one', async () => {
    const platform = stores[which];
    await appendItems(platform, await platform.events.head(feedStream(FEED)), [1, 2, 3, 4].map(dataOf));
    for (const after of [0, 1, 3, 4, 9]) expect(await read(after)).toEqual(from(after + 1, 4));
    expect(await read(1, 2)).toEqual(from(2, 3));
  });

  it('are read from anywhere where several share a commit, and where other facts lie between them', async () => {
    const platform = stores[which];
    await commit(platform, item(1), item(2), item(3));
    await commit(platform, { type: 'EndpointEnded', data: { reason: 'x', by: 'y', at: 1 } });
    await commit(platform, item(4), item(5));
    for (const after of [0, 1, 2, 3, 4, 5]) expect(await read(after)).toEqual(from(after + 1, 5));
    expect(await read(2, 2)).toEqual(from(3, 4));
  });

  it('somebody who has issued meanwhile is noticed before anything is recorded twice', async () => {
    const platform = stores[which];
    const head = await platform.events.head(feedStream(FEED));
    await appendItems(platform, head, [dataOf(1)]);
    await expect(appendItems(platform, head, [{ ...dataOf(1), hash: 'other' }])).rejects.toMatchObject({ code: 'ERR_VERSION_CONFLICT' });
    expect(await read(0)).toEqual(['item-1']);
  });
});

describe('feeds and their streams', () => {
  it('name each other', () => {
    const pairs = [
      ['area/a_b', 'operator/area/a_b'],
      ['party-feed/a', 'third-party/a'],
      ['price/north', 'customer/price/north'],
      ['demand-response/peak', 'customer/demand-response/peak'],
      ['feed/billing/bills', 'billing/bills'],
    ] as const;
    for (const [stream, feed] of pairs) expect([feedOfStream(stream), feedStream(feed)]).toEqual([feed, stream]);
    expect(feedOfStream('bill/anna/up-1.2026-01-01')).toBeUndefined();
  });

  it('an item is known by its members, whichever fact it is; no other fact is taken for one', () => {
    const { seq, prevHash, hash, jws, at } = dataOf(7);
    const signed = { type: 'PricePublished', data: { claims: { seq, prevHash }, jws, hash, at } } as unknown as DomainEvent;
    expect(recordedItem(signed)).toEqual(dataOf(7));
    expect(recordedItem({ type: 'ItemsDelivered', data: { through: 7, at } })).toBeUndefined();
    expect(recordedItem({ type: 'DeliveryFailed', data: { seq, attempt: 1, failure: 'timeout', at, nextAt: 9 } })).toBeUndefined();
  });
});
