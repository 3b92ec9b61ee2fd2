import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BillEstimate, BillList, CustomerBill, SharingHistory, SharingList, SharingReceipt } from '../../api/customer-account.ts';
import { API_SCHEMAS } from '../../api/schemas.ts';
import { readBill } from '../../devices/home-display/bill.ts';
import { BILLING_FEED_TYP } from '../../events/feed.ts';
import { billPeriod } from '../../lambdas/billing/bill-period.ts';
import { openBilling } from '../../lambdas/billing/open-billing.ts';
import { pinnedKeyOf } from '../../lambdas/shared/feeds/jws-signer.ts';
import { shapeOf } from '../platform/https-fixture.ts';
import { AccountWorld } from './account-world.ts';

const ANN = 'acc-home-1';
const BOB = 'acc-home-2';
const DAY_MS = 86_400_000;
let world: AccountWorld;
beforeAll(async () => {
  world = await AccountWorld.open();
}, 60_000);
afterAll(() => world.stop());

const estimate = () => world.read<BillEstimate>(ANN, '/v1/me/points/home-1/bill-estimate', 'BillEstimate');

describe('the account', () => {
  it('is that of who signed in', async () => {
    expect(await world.read(ANN, '/v1/me', 'Customer')).toEqual({ account: ANN, points: 1 });
    expect((await world.call('acc-nobody', '/v1/me')).status).toBe(404);
  });
});

describe('bills', () => {
  it('are those that went out, with their lines in words', async () => {
    const { bills } = await world.read<BillList>(ANN, '/v1/me/bills', 'BillList');
    expect(bills).toMatchObject([
      { bill: 'home-1.2026-05-01', from: '2026-05-01', until: '2026-06-01', currency: 'GBP', totalMicro: '113900000', importWh: 393_600 },
    ]);
    const bill = await world.read<CustomerBill>(ANN, `/v1/me/bills/${bills[0]!.bill}`, 'CustomerBill');
    expect(bill.lines).toEqual([
      { code: 'energy/flat', text: 'Energy, flat', quantity: '393.600 kWh', amountMicro: '98400000' },
      { code: 'standing/day', text: 'Standing charge, day', quantity: '31 days', amountMicro: '15500000' },
    ]);
  });

  it('R9.2-2: carry the signature of the utility: what a proxy changed in any of it no longer verifies', async () => {
    const { signed, totalMicro } = await world.read<CustomerBill>(ANN, '/v1/me/bills/home-1.2026-05-01', 'CustomerBill');
    const keys = await pinnedKeyOf(world.platform.as('operator-cli').kms, 'billing-feed', BILLING_FEED_TYP);
    expect(readBill(signed!, keys, ANN)).toMatchObject({ totalMicro, revision: 1, period: { usagePoint: 'home-1' } });
    const [head, payload, signature] = signed!.split('.') as [string, string, string];
    const cheaper = Buffer.from(payload, 'base64url').toString().replaceAll(totalMicro, '13900000');
    expect(readBill([head, Buffer.from(cheaper).toString('base64url'), signature].join('.'), keys, ANN)).toEqual({
      fault: 'wrong-signature',
    });
    const { signed: other } = await world.read<CustomerBill>(BOB, '/v1/me/bills/home-2.2026-05-01', 'CustomerBill');
    expect(readBill(other!, keys, ANN)).toEqual({ fault: 'another-account' });
  });

  it('of another customer are as unknown as those that never were', async () => {
    const shape = shapeOf(await world.call(ANN, '/v1/me/bills/home-9.2026-05-01'));
    expect(shape.status).toBe(404);
    expect(shapeOf(await world.call(ANN, '/v1/me/bills/home-2.2026-05-01'))).toEqual(shape);
  });
});

describe('the bill to come', () => {
  it('is rated as bills are for the days that are closed, and ends with usual days', async () => {
    expect(await estimate()).toEqual({
      ...{ usagePoint: 'home-1', zone: 'Europe/London', currency: 'GBP', from: '2026-06-01', until: '2026-07-01' },
      ...{ daysKnown: 20, days: 30, daysEstimated: 0, coverageBasisPoints: 10_000, shows: 'money' },
      toDate: { importWh: 240_000, amountMicro: '70000000' },
      expected: { importWh: 364_800, amountMicro: '106200000', lowMicro: '106200000', highMicro: '106200000' },
      typicalMicro: '113900000',
      lines: [
        { code: 'energy/flat', text: 'Energy, flat', amountMicro: '60000000' },
        { code: 'standing/day', text: 'Standing charge, day', amountMicro: '10000000' },
      ],
    });
  });

  it('shows energy alone below 95 % of the readings, and nothing below 75 %', async () => {
    const now = world.clock.now();
    try {
      world.clock.advance(2 * DAY_MS);
      expect(await estimate()).toMatchObject({ coverageBasisPoints: 9_090, shows: 'energy', lines: [] });
      expect(await estimate()).toMatchObject({
        toDate: { importWh: 240_000, amountMicro: null },
        expected: { importWh: 364_800, lowMicro: null },
      });
      world.clock.advance(5 * DAY_MS);
      expect(await estimate()).toMatchObject({ coverageBasisPoints: 7_407, shows: 'nothing', toDate: null, expected: null, lines: [] });
    } finally {
      world.clock.set(now);
    }
  });

  it('begins where the last bill ended, so that no day is told twice', async () => {
    const billed = { from: '2026-06-01', until: '2026-06-11' };
    const soFar = () => world.read<BillEstimate>(BOB, '/v1/me/points/home-2/bill-estimate', 'BillEstimate');
    const before = await soFar();
    const sources = await openBilling(world.platform.as('billing'), [BOB], billed);
    await billPeriod(sources, { account: BOB, usagePoint: 'home-2', ...billed });
    const { bills } = await world.read<BillList>(BOB, '/v1/me/bills', 'BillList');
    const bill = bills.find(({ from, until }) => from === billed.from && until === billed.until);
    const rest = await soFar();
    expect(rest).toMatchObject({ from: billed.until, until: '2026-07-01', days: 20, daysKnown: 10 });
    expect(rest.toDate!.importWh + bill!.importWh).toBe(before.toDate!.importWh);
  });

  it('is of own usage points alone', async () => {
    const shape = shapeOf(await world.call(ANN, '/v1/me/points/home-9/bill-estimate'));
    expect(shape.status).toBe(404);
    expect(shapeOf(await world.call(ANN, '/v1/me/points/home-2/bill-estimate'))).toEqual(shape);
  });
});

describe('sharing', () => {
  it('says who may have what until when, and what became of it', async () => {
    const { sharing } = await world.read<SharingList>(BOB, '/v1/me/sharing', 'SharingList');
    expect(sharing).toMatchObject([
      {
        ...{ consent: world.consents.get(BOB), recipient: { id: 'watt-advice', name: 'Watt Advice' }, purpose: 'efficiency' },
        ...{ dataClasses: ['usage'], resolution: 'day', status: 'granted', endedAt: null, lastAccessAt: null, accesses: 0 },
      },
    ]);
    await world.disclose(BOB);
    expect((await world.read<SharingList>(BOB, '/v1/me/sharing', 'SharingList')).sharing).toMatchObject([
      { accesses: 1, lastAccessAt: new Date(world.clock.now()).toISOString() },
    ]);
    const history = await world.read<SharingHistory>(BOB, `/v1/me/sharing/${world.consents.get(BOB)}`, 'SharingHistory');
    expect(history.deliveries).toMatchObject([{ outcome: 'disclosed', dataClasses: ['usage'], resolution: 'day', rows: 3, reason: null }]);
  });

  it('shows a consent as expired from the moment it is, marked or not', async () => {
    const now = world.clock.now();
    try {
      world.clock.advance(61 * DAY_MS);
      expect((await world.read<SharingList>(BOB, '/v1/me/sharing', 'SharingList')).sharing).toMatchObject([{ status: 'expired' }]);
    } finally {
      world.clock.set(now);
    }
  });

  it('R9.3-4: ends at the customer’s word, with a receipt that names the commit, and again with the same', async () => {
    const consent = world.consents.get(ANN)!;
    const end = async () => await world.call(ANN, `/v1/me/sharing/${consent}`, { method: 'DELETE' });
    const [first, second] = [await end(), await end()];
    const receipt = API_SCHEMAS.SharingReceipt.parse(JSON.parse(first.text)) as SharingReceipt;
    expect(second.text).toBe(first.text);
    expect(receipt).toMatchObject({ consent, recipient: { name: 'Watt Advice' }, endedAt: new Date(world.clock.now()).toISOString() });
    const head = await world.platform.as('consent').events.head(`consent/${consent}`);
    expect([receipt.version, receipt.hash]).toEqual([head.version, head.hash.toString('hex')]);
    expect((await world.read<SharingList>(ANN, '/v1/me/sharing', 'SharingList')).sharing).toMatchObject([{ status: 'revoked' }]);
    await expect(world.disclose(ANN)).rejects.toThrow('consent-revoked');
  });

  it('of another customer is as unknown as what never was, and stays as it is', async () => {
    const [own, others] = [world.consents.get(ANN)!, world.consents.get(BOB)!];
    for (const method of ['GET', 'DELETE']) {
      const shape = shapeOf(await world.call(ANN, `/v1/me/sharing/c${'x'.repeat(own.length - 1)}`, { method }));
      expect(shape.status).toBe(404);
      expect(shapeOf(await world.call(ANN, `/v1/me/sharing/${others}`, { method }))).toEqual(shape);
    }
    expect((await world.read<SharingList>(BOB, '/v1/me/sharing', 'SharingList')).sharing).toMatchObject([{ status: 'granted' }]);
  });
});
