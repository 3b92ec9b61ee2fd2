import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readBill } from '../../devices/home-display/bill.ts';
import { BILLING_FEED_TYP } from '../../events/feed.ts';
import { readBillingFeed } from '../../lambdas/billing-feed/read-feed.ts';
import { compactJws, jwsSigningInput } from '../../protocol/jws.ts';
import { keyThumbprint } from '../../protocol/key-list.ts';
import { Billed, computed, rerated } from '../feeds/billed.ts';

const ANN = 'account-00001';

async function billed(): Promise<{ readonly items: readonly string[]; readonly keys: Awaited<ReturnType<Billed['keys']>> }> {
  const scene = new Billed();
  const stream = await scene.record(ANN, computed(ANN, 5_000_009n));
  await scene.record(ANN, rerated(ANN, 2, 5_000_009n, 4_000_009n));
  await scene.issue(stream);
  const items = (await readBillingFeed(scene.world.as('billing-api'), 0, 10)).map(({ item }) => String(item));
  return { items, keys: await scene.keys() };
}

describe('a bill on a customer’s device', () => {
  it('is what the utility signed, with its lines and its total', async () => {
    const { items, keys } = await billed();
    expect(items).toHaveLength(2);
    expect(readBill(items[0]!, keys, ANN)).toMatchObject({
      totalMicro: '5000009',
      revision: 1,
      currency: 'GBP',
      period: { accountId: ANN },
    });
    expect(readBill(items[1]!, keys, ANN)).toMatchObject({ totalMicro: '4000009', revision: 2 });
  });

  it('R9.2-2: that a proxy edited, in any character, is refused', async () => {
    const { items, keys } = await billed();
    const compact = items[0]!;
    for (let at = 0; at < compact.length; at += 7) {
      const edited = compact.slice(0, at) + (compact[at] === 'A' ? 'B' : 'A') + compact.slice(at + 1);
      expect(readBill(edited, keys, ANN), `at ${at}`).toHaveProperty('fault');
    }
    const payload = Buffer.from(compact.split('.')[1]!, 'base64url').toString().replaceAll('5000009', '1000009');
    const [head, , tail] = compact.split('.') as [string, string, string];
    const cheaper = `${head}.${Buffer.from(payload).toString('base64url')}.${tail}`;
    expect(readBill(cheaper, keys, ANN)).toEqual({ fault: 'wrong-signature' });
  });

  it('R9.2-2: of somebody else, by another key, or that is no bill, is refused', async () => {
    const { items, keys } = await billed();
    expect(readBill(items[0]!, keys, 'account-00002')).toEqual({ fault: 'another-account' });
    expect(readBill(items[0]!, new Map(), ANN)).toEqual({ fault: 'unknown-key' });
    const [kid, { key }] = [...keys][0]!;
    expect(readBill(items[0]!, new Map([[kid, { key, typ: 'joulekeep-price+jws' }]]), ANN)).toEqual({ fault: 'wrong-purpose' });
    const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const trusted = new Map([[keyThumbprint(own.publicKey), { key: own.publicKey, typ: BILLING_FEED_TYP }]]);
    const signed = (payload: unknown) => {
      const input = jwsSigningInput({ kid: keyThumbprint(own.publicKey), typ: BILLING_FEED_TYP }, Buffer.from(JSON.stringify(payload)));
      return compactJws(input, sign('sha256', input, { key: own.privateKey, dsaEncoding: 'ieee-p1363' }));
    };
    const bill = { period: { accountId: ANN }, currency: 'GBP', lines: [{ amountMicro: '5' }, { amountMicro: '4' }], totalMicro: '9' };
    expect(readBill(signed({ kind: 'bill', revision: 1, bill }), trusted, ANN)).toMatchObject({ totalMicro: '9' });
    expect(readBill(signed({ kind: 'bill', revision: 1, bill: { ...bill, totalMicro: '8' } }), trusted, ANN)).toEqual({
      fault: 'sums-differ',
    });
    for (const other of [
      {},
      { kind: 'totals' },
      { kind: 'bill', revision: 1 },
      { kind: 'bill', revision: 1, bill: { ...bill, lines: 'x' } },
    ])
      expect(readBill(signed(other), trusted, ANN)).toEqual({ fault: 'not-a-bill' });
  });
});
