import { beforeEach, describe, expect, it } from 'vitest';
import type { BillStatement } from '../../events/index.ts';
import { billingChain } from '../../lambdas/billing-feed/issue-bills.ts';
import { issueTotals } from '../../lambdas/billing-feed/issue-totals.ts';
import { readBillingFeed } from '../../lambdas/billing-feed/read-feed.ts';
import { verifyBillingFeed } from '../../lambdas/billing-feed/verify.ts';
import type { ReceivedItem } from '../../protocol/feed.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { Billed, computed, rerated } from './billed.ts';

let billed: Billed;

beforeEach(() => {
  billed = new Billed();
});

async function received(after = 0, most = 100): Promise<ReceivedItem[]> {
  return (await readBillingFeed(billed.world.as('billing-api'), after, most)).map(({ item }) => item);
}

const totals = () => issueTotals(billed.world.as('billing-api'), billingChain(billed.world.as('billing-api'), defencesUnderTest()));
const faultsOf = async (items: readonly ReceivedItem[]) => verifyBillingFeed(items, await billed.keys()).faults.map(({ fault }) => fault);

/** Three accounts billed, one rated again, and the month's totals. */
async function month(): Promise<void> {
  const streams = [];
  for (const account of ['anna', 'ben', 'cleo']) streams.push(await billed.record(account, computed(account, 1_000_000n)));
  await billed.issue(...streams);
  await billed.issue(await billed.record('ben', rerated('ben', 2, 1_000_000n, 1_250_000n)));
  await billed.ran('2026-01');
  expect(await totals()).toEqual(['2026-01']);
}

describe('the billing feed', () => {
  it('R9.2-2: bills and differences arrive signed, in order, with totals that fit, and say before, difference and reason', async () => {
    await month();
    const { book, faults } = verifyBillingFeed(await received(), await billed.keys());
    expect(faults).toEqual([]);
    expect(book.head.seq).toBe(5);
    expect(book.bills.get('bill/ben/up-1.2026-01-01')).toMatchObject({
      seq: 4,
      revision: 2,
      change: { beforeMicro: '1000000', differenceMicro: '250000', reason: 'day 2026-01-14 restated' },
      bill: { totalMicro: '1250000', currency: 'GBP' },
      quality: { measured: '95-99%', estimated: '<90%', missing: '<90%' },
    });
  });

  it('R9.2-2: a dropped item, a changed amount, a missing bill and two exchanged ones are all found', async () => {
    await month();
    const items = await received();
    expect(await faultsOf(items.toSpliced(1, 1))).toEqual(['gap', 'revision-missing']);
    expect(await faultsOf(items.toSpliced(2, 1))).toEqual(['gap', 'totals-differ']);
    const [head, body, signature] = (items[0] as string).split('.') as [string, string, string];
    const cheaper = Buffer.from(body, 'base64url').toString().replace('"1000000"', '"1000001"');
    const altered = [head, Buffer.from(cheaper).toString('base64url'), signature].join('.');
    expect(await faultsOf(items.with(0, altered))).toContain('wrong-signature');
    expect(await faultsOf([items[1]!, items[0]!, ...items.slice(2)])).toContain('gap');
    expect(await faultsOf(items.slice(0, 4))).toEqual([]);
  });

  it('a bill that never got into the feed is missed by the totals, and so is one that a receiver lost', async () => {
    await month();
    const items = await received();
    const whole = verifyBillingFeed(items.slice(0, 4), await billed.keys()).book;
    const without = { ...whole, bills: new Map([...whole.bills].slice(1)) };
    const { faults } = verifyBillingFeed(items.slice(4), await billed.keys(), without);
    expect(faults).toMatchObject([
      {
        fault: 'totals-differ',
        period: '2026-01',
        sums: ['bills', 'importWh', 'totalMicro', 'settlingMicro', 'digest'].filter((name) => name !== 'settlingMicro'),
      },
    ]);
  });

  it('told twice, by two or by another order of messages, a fact is one item', async () => {
    const stream = await billed.record('anna', computed('anna', 1_000_000n));
    expect(await billed.issue(stream, stream)).toBe(1);
    expect(await billed.issue(stream)).toBe(0);
    const racing = await billed.record('anna', rerated('anna', 2, 1_000_000n, 900_000n));
    const issued = await Promise.all([billed.issue(racing), billed.issue(racing), billed.issue(racing)]);
    expect(issued.toSorted()).toEqual([0, 0, 1]);
    expect((await received()).length).toBe(2);
    expect(await faultsOf(await received())).toEqual([]);
  });

  it('what an account was billed comes in the order it was recorded, whichever message is first', async () => {
    await billed.record('anna', computed('anna', 1_000_000n));
    const older = await billed.record('anna', rerated('anna', 2, 1_000_000n, 900_000n));
    billed.world.clock.advance(60_000);
    const period = { accountId: 'anna', usagePoint: 'up-1', from: '2026-02-01', until: '2026-03-01' };
    const settles = computed('anna', 700_000n, { period, at: billed.world.clock.now() });
    const newer = await billed.record('anna', settles, 'up-1', '2026-02-01');
    expect(await billed.issue(newer)).toBe(3);
    expect(await billed.issue(older)).toBe(0);
    const facts = [...verifyBillingFeed(await received(), await billed.keys()).book.bills.values()].map(({ seq, fact }) => [seq, fact]);
    expect(facts).toEqual([
      [2, 'bill/anna/up-1.2026-01-01/1'],
      [3, 'bill/anna/up-1.2026-02-01/0'],
    ]);
  });

  it('a held bill is in no feed; totals wait for the run, and come again when a bill of the month does', async () => {
    const held = {
      period: { accountId: 'anna', usagePoint: 'up-1', from: '2026-01-01', until: '2026-02-01' },
      reasons: ['missing'] as const,
    };
    const stream = await billed.record('anna', {
      type: 'BillHeld',
      data: { ...held, missing: 4, estimatedShare: 0, failed: 0, until: 0, at: 0 },
    });
    expect(await billed.issue(stream)).toBe(0);
    await billed.issue(await billed.record('ben', computed('ben', 1_000_000n)));
    expect(await totals()).toEqual([]);
    await billed.ran('2026-01');
    expect(await totals()).toEqual(['2026-01']);
    expect(await totals()).toEqual([]);
    await billed.issue(await billed.record('ben', rerated('ben', 2, 1_000_000n, 1_250_000n)));
    expect(await totals()).toEqual(['2026-01']);
    expect(await faultsOf(await received())).toEqual([]);
    expect(billed.world.events.eventsOf('feed/billing/bills')).toMatchObject([
      {},
      { data: { totals: { revision: 1 } } },
      {},
      { data: { totals: { revision: 2 } } },
    ]);
  });

  it("R9.2-2: nothing a bill says lies in the feed's own stream, and whoever reads it is on record", async () => {
    await billed.issue(await billed.record('anna', computed('anna', 7_654_321n)));
    const [item] = billed.world.events.eventsOf('feed/billing/bills');
    expect(JSON.stringify(item)).not.toMatch(/7654321|250000|lines|GBP/);
    await readBillingFeed(billed.world.as('billing-api'), 0, 10);
    await readBillingFeed(billed.world.as('deliver'), 0, 10);
    for (const principal of ['billing-api', 'deliver'])
      expect(billed.world.events.eventsOf(`access/2026-02-08.${principal}`).at(-1)).toMatchObject({
        data: { purpose: 'billing', subjects: ['anna'] },
      });
  });

  it('after an erasure the place and the hash are left, and the chain verifies through it', async () => {
    await month();
    const platform = billed.world.as('billing-api');
    const events = { ...bound(platform.events), read: erasing(platform.events, 'bill/ben/') };
    const items = (await readBillingFeed({ ...platform, events }, 0, 100)).map(({ item }) => item);
    expect(items.map((item) => typeof item)).toEqual(['string', 'object', 'string', 'object', 'string']);
    expect(JSON.stringify(items[1])).toMatch(/"erased":"[\w-]{43}"/);
    const { book, faults } = verifyBillingFeed(items, await billed.keys());
    expect(faults).toEqual([]);
    expect(book).toMatchObject({ head: { seq: 5 }, erased: [2, 4] });
  });

  it('a page begins anywhere; one that was tampered with at rest is not served', async () => {
    await month();
    const all = await received();
    for (const after of [0, 2, 4, 5]) expect(await received(after, 2)).toEqual(all.slice(after, after + 2));
    const platform = billed.world.as('billing-api');
    const events = { ...bound(platform.events), read: dearer(platform.events) };
    await expect(readBillingFeed({ ...platform, events }, 0, 1)).rejects.toMatchObject({ code: 'ERR_FEED_ITEM_DAMAGED' });
  });
});

type Events = ReturnType<Billed['world']['as']>['events'];

function bound(events: Events): Events {
  const methods = ['read', 'head', 'prepare', 'append', 'rowsOf', 'streams', 'anchor', 'isHot', 'trim', 'archive', 'sweep'] as const;
  return Object.fromEntries(methods.map((name) => [name, (events[name] as (...of: never[]) => unknown).bind(events)])) as unknown as Events;
}

/** As if the keys of some streams were destroyed. */
function erasing(events: Events, prefix: string): Events['read'] {
  return async function* (stream, ...of) {
    for await (const commit of events.read(stream, ...of))
      yield stream.startsWith(prefix) ? { ...commit, events: [], erased: true } : commit;
  };
}

/** As if somebody had changed what a bill says where it lies. */
function dearer(events: Events): Events['read'] {
  return async function* (stream, ...of) {
    for await (const commit of events.read(stream, ...of)) {
      const changed = commit.events.map((event) =>
        event.type === 'BillComputed' ? { ...event, data: { ...event.data, totalMicro: '1' } satisfies BillStatement } : event,
      );
      yield { ...commit, events: changed };
    }
  };
}
