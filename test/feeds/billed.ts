import { createHash } from 'node:crypto';
import { BILLING_FEED_TYP } from '../../events/feed.ts';
import type { BillComputed, BillEvent, BillLine } from '../../events/index.ts';
import { billingChain, issueBills } from '../../lambdas/billing-feed/issue-bills.ts';
import { pinnedKeyOf } from '../../lambdas/shared/feeds/jws-signer.ts';
import type { PinnedKey } from '../../protocol/jws.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { MemoryWorld } from '../support/memory-platform.ts';

const AT = Date.UTC(2026, 1, 8, 9);

/** Bills as billing would have written them, and the feed that is made of them. */
export class Billed {
  readonly world = new MemoryWorld({ now: AT });
  readonly #chain = billingChain(this.world.as('billing-api'), defencesUnderTest());

  /** One fact of a bill. @returns its stream */
  async record(account: string, event: BillEvent, usagePoint = 'up-1', from = '2026-01-01'): Promise<string> {
    const { events, directory } = this.world.as('billing');
    const stream = `bill/${account}/${usagePoint}.${from}`;
    const subject = { of: 'billing', subject: account } as const;
    const head = await events.head(stream, subject);
    const commitId = createHash('sha256').update(`${stream} ${head.version}`).digest();
    await events.append(head, { commitId, events: [event], subject }).durable;
    await directory.put([{ key: stream.replace(/^bill/, 'bills'), value: Buffer.alloc(0) }]);
    return stream;
  }

  /** What the queue would bring of a stream. */
  async issue(...streams: readonly string[]): Promise<number> {
    const told = streams.map((stream) => {
      const [, account, rest] = stream.split('/') as [string, string, string];
      return { account, usagePoint: rest.slice(0, -11), from: rest.slice(-10), stream, version: 0 };
    });
    return await issueBills(this.world.as('billing-api'), this.#chain, told);
  }

  async ran(month: string): Promise<void> {
    await this.world.directory.put([{ key: `bill-run/${month}-01`, value: Buffer.alloc(0) }]);
  }

  /** What the receiver has pinned. */
  async keys(): Promise<ReadonlyMap<string, PinnedKey>> {
    return await pinnedKeyOf(this.world.as('billing-api').kms, 'billing-feed', BILLING_FEED_TYP);
  }
}

export function computed(account: string, totalMicro: bigint, more: Partial<BillComputed> = {}): BillEvent {
  const lines: BillLine[] = [
    { code: 'energy/flat', quantity: '250000', unit: 'Wh', priceMicro: '200000', amountMicro: String(totalMicro - 9n), remainder: '0/1' },
    { code: 'standing', quantity: '31', unit: 'day', amountMicro: '9', remainder: '0/1' },
  ];
  const period = { accountId: account, usagePoint: 'up-1', from: '2026-01-01', until: '2026-02-01' };
  const of = { period, currency: 'GBP', lines, totalMicro: String(totalMicro), inputs: [], tariffs: [], estimatedPerMille: 12 };
  const sums = { importWh: '250000', exportWh: '0', onEstimates: false, revision: 1, at: AT };
  return { type: 'BillComputed', data: { ...of, ...sums, ...more } };
}

export function rerated(account: string, revision: number, before: bigint, total: bigint, at = AT + revision): BillEvent {
  const { data } = computed(account, total) as { readonly data: BillComputed };
  const change = { beforeMicro: String(before), differenceMicro: String(total - before), reason: 'day 2026-01-14 restated' };
  return { type: 'BillRerated', data: { ...data, ...change, revision, at } };
}
