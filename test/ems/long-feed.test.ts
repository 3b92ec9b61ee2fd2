import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ItemPage } from '../../api/operator.ts';
import { makeOperatorApi } from '../../lambdas/operator-api/handler.ts';
import { appendItems } from '../../lambdas/shared/feeds/feed-append.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { FEED_START } from '../../protocol/feed.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { ApiGateway } from '../platform/https-fixture.ts';
import { ManualClock } from '../support/memory-platform.ts';

const COUNT = 420;
const directory = temporaryDirectory();
let embedded: Embedded;
let door: ApiGateway;

beforeAll(async () => {
  embedded = await createEmbeddedPlatform({ stateDir: directory, clock: new ManualClock(Date.UTC(2026, 1, 8)), timer: false });
  const { events } = embedded.as('ems');
  const items = Array.from({ length: COUNT }, (_, i) => {
    const hash = createHash('sha256').update(String(i)).digest('base64url');
    return { seq: i + 1, prevHash: FEED_START.hash, hash, jws: `item-${i + 1}`, at: i };
  });
  await appendItems({ events }, await events.head('area/north'), items);
  door = await ApiGateway.open({ door: 'operator', handlers: { 'operator-api': makeOperatorApi(embedded.as('operator-api')) } });
});
afterAll(async () => {
  await door.close();
  await embedded.close();
  discard(directory);
});

async function page(since: number, limit: number): Promise<ItemPage> {
  const answered = await door.send(`/v1/areas/north/feed?since=${since}&limit=${limit}`, await door.person('ems-north', 'grid-operator'));
  expect(answered.status).toBe(200);
  return ItemPage.parse(JSON.parse(answered.text));
}

const named = (first: number, last: number) => Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => `item-${first + i}`);

describe('a feed of several hundred items, in the store that keeps them', () => {
  it('is read from any sequence, whatever lies before it', async () => {
    for (const since of [0, 1, 63, 64, 65, 100, 128, 200, 333, 417, 419, 420, 900]) {
      const last = Math.min(COUNT, since + 3);
      expect(await page(since, 3)).toMatchObject({
        items: named(since + 1, last),
        next: Math.max(since, last),
        more: last < COUNT && since < COUNT,
      });
    }
  });

  it('is read page by page, each item once', async () => {
    const items: string[] = [];
    let since = 0;
    for (let more = true; more; ) {
      const read = await page(since, 96);
      items.push(...read.items);
      [since, more] = [read.next, read.more];
    }
    expect(items).toEqual(named(1, COUNT));
  });
});
