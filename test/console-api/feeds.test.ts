import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { FeedsView, Overview } from '../../api/console.ts';
import type { FeedItemIssued } from '../../events/index.ts';
import { change, deliveryState, type Endpoint, endEndpoint, setEndpoint } from '../../lambdas/deliver/endpoints.ts';
import { feedStream } from '../../lambdas/shared/feeds/feed-names.ts';
import { FEED_START } from '../../protocol/feed.ts';
import { OperatorTown } from '../ems/operator-world.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { ConsoleDoor } from './console-world.ts';

const BILLS: Endpoint = { recipient: 'billing-1', feed: 'billing/bills' };
const NOTICES: Endpoint = { recipient: 'coach', feed: 'third-party/coach' };

let world: MemoryWorld;
let door: ConsoleDoor;
beforeEach(() => {
  world = new MemoryWorld({ now: Date.UTC(2026, 1, 8, 9) });
  door = new ConsoleDoor((principal) => world.as(principal));
});

/** Items as whoever issues them puts them, so many to a commit. */
async function issue(feed: string, count: number, perCommit = 1): Promise<void> {
  const stream = feedStream(feed);
  for (let done = 0; done < count; done += perCommit) {
    const head = await world.events.head(stream);
    const events = Array.from({ length: Math.min(perCommit, count - done) }, (_, i) => {
      const data: FeedItemIssued = {
        ...{ seq: head.version + 2 + i, prevHash: FEED_START.hash, hash: FEED_START.hash, jws: 'a.b.c', at: world.clock.now() },
      };
      return { type: 'FeedItemIssued', data } as const;
    });
    const commitId = createHash('sha256').update(`${stream} ${head.version}`).digest();
    await world.events.append(head, { commitId, events }).durable;
    world.clock.advance(60_000);
  }
}

const brought = (endpoint: Endpoint, through: number) =>
  change(world.as('deliver'), endpoint, {
    type: 'RecordPass',
    outcomes: Array.from({ length: through }, (_, i) => ({ seq: i + 1, issuedAt: 0, result: 'delivered' as const })),
    at: world.clock.now(),
  });
const set = (endpoint: Endpoint) => setEndpoint(world.as('deliver'), { ...endpoint, url: 'https://example.org/feed' }, 'operator');
const feeds = async () => (await door.ask<FeedsView>('showFeeds', { role: 'operator' })).body.feeds;
const replay = (feed: string, from: number, as = 'sue') =>
  door.ask('replayFeed', { role: 'supervisor', as, path: { feed }, body: { from } });

describe('feeds', () => {
  it('are shown with how far each is and how far it was brought', async () => {
    await issue(BILLS.feed, 5);
    await issue(NOTICES.feed, 4, 3);
    await set(BILLS);
    await brought(BILLS, 3);
    expect((await feeds()).map(({ feed, audience, sequence, delivery }) => ({ feed, audience, sequence, delivery }))).toEqual([
      {
        ...{ feed: 'billing.bills', audience: 'billing', sequence: 5 },
        delivery: { recipient: 'billing-1', status: 'delivering', sent: 3, behind: 2, failures: 0, nextAttempt: null },
      },
      { feed: 'third-party.coach', audience: 'third-party', sequence: 4, delivery: null },
    ]);
    const { feeds: glance } = (await door.ask<Overview>('showOverview')).body;
    expect(glance.map(({ feed, sequence, behind }) => [feed, sequence, behind])).toEqual([
      ['billing.bills', 5, 2],
      ['third-party.coach', 4, 0],
    ]);
    expect(glance[0]!.newest).toBe('2026-02-08T09:04:00.000Z');
  });

  it('say what fails, what was set aside, and what is done with', async () => {
    const status = async () => (await feeds())[0]!.delivery;
    await issue(BILLS.feed, 2);
    await set(BILLS);
    const at = world.clock.now();
    const failed = { type: 'RecordPass', outcomes: [{ seq: 1, issuedAt: at, result: { failed: 'timeout' } }], at } as const;
    await change(world.as('deliver'), BILLS, failed);
    expect(await status()).toMatchObject({ status: 'failing', sent: 0, behind: 2, failures: 1 });
    expect(Date.parse((await status())!.nextAttempt!)).toBeGreaterThan(at);
    world.clock.advance(80 * 3_600_000);
    await change(world.as('deliver'), BILLS, { ...failed, at: world.clock.now() });
    expect(await status()).toMatchObject({ status: 'set-aside', sent: 1, failures: 0 });
    await replay('billing.bills', 0);
    await brought(BILLS, 2);
    expect(await status()).toMatchObject({ status: 'idle', sent: 2, behind: 0 });
    await endEndpoint(world.as('deliver'), BILLS, 'contract ended', 'operator');
    expect(await status()).toMatchObject({ status: 'unset' });
  });

  it('C10.1-1: are replayed by a supervisor alone, who is on record', async () => {
    await issue(BILLS.feed, 5);
    await set(BILLS);
    await brought(BILLS, 5);
    for (const role of ['operator', 'auditor', 'security-officer'] as const)
      expect((await door.ask('replayFeed', { role, path: { feed: 'billing.bills' }, body: { from: 2 } })).status).toBe(403);
    expect(await replay('billing.bills', 2)).toMatchObject({ status: 200, body: { feed: 'billing.bills', from: 2 } });
    expect((await deliveryState(world.as('deliver'), BILLS)).through).toBe(2);
    const asked = world.events.eventsOf('delivery/billing-1/billing/bills').at(-1);
    expect(asked).toMatchObject({ type: 'ReplayAsked', data: { after: 2, by: 'sue' } });
    // Whoever pushes finds it due.
    expect(Number(world.directory.entries.get('delivery/billing/bills/billing-1'))).toBe(world.clock.now());
  });

  it('that nobody is brought, or that are not, are not replayed', async () => {
    await issue(BILLS.feed, 2);
    expect((await replay('billing.bills', 0)).status).toBe(404);
    expect((await replay('billing.none', 0)).status).toBe(404);
    await set(BILLS);
    expect((await replay('billing.bills', 3)).status).toBe(400);
  });

  it('of an area say how complete the newest interval is, whatever was told behind it', async () => {
    const meters = Array.from({ length: 120 }, (_, i) => i + 1);
    const town = await OperatorTown.of({ hill: meters });
    const own = new ConsoleDoor((principal) => town.street.world.as(principal));
    for (let slot = 1; slot <= 8; slot++) await town.send(meters, slot, 50);
    await town.tell(8);
    const told = (await own.ask<FeedsView>('showFeeds')).body.feeds.find(({ feed }) => feed === 'operator.area.hill')!;
    expect(told.sequence).toBeGreaterThan(0);
    expect(told).toMatchObject({ audience: 'operator', completeness: '>=99%', revision: 1, delivery: null });
  });
});
