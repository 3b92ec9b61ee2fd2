import { beforeEach, describe, expect, it } from 'vitest';
import type { BillEvent } from '../../events/index.ts';
import { writeFeed } from '../../exchange/espi/feed.ts';
import { readFeed } from '../espi/green-button-reader.ts';
import { revealed } from '../support/revealed.ts';
import { billed, computed, ISSUED } from './billed-home.ts';
import { ACCOUNT, at, ConsentWorld, NOW } from './consent-world.ts';

let world: ConsentWorld;
beforeEach(async () => {
  world = await ConsentWorld.make();
  for (const [account, point] of [
    [ACCOUNT, 'home-1'],
    ['acc-home-2', 'home-2'],
  ] as const)
    await billed(world, account, point, computed(account, point));
});

const window = { from: at('2026-10-01'), until: at('2026-12-01') };
const asked = { resolution: 'month', window } as const;
const billCheck = (dataClasses: readonly ('usage' | 'bills')[] = ['usage', 'bills']) =>
  world.grant({ purpose: 'bill-check', resolution: 'month', dataClasses });

describe('bills that a customer shares', () => {
  it('T8.2-1: go out as totals under the pseudonym of the months they are of, and a Green Button feed says what they cost', async () => {
    const { bills, series, rows } = await world.page(await billCheck(), asked);
    const { usagePoint } = series[0]!;
    const october = { start: at('2026-10-01') / 1000, end: at('2026-11-01') / 1000 };
    expect(bills).toEqual([{ usagePoint, ...october, currency: 'GBP', totalMicro: '7300000', importWh: 29_200, issuedAt: ISSUED / 1000 }]);
    expect(rows).toBe(2);
    const xml = writeFeed({ series, bills }, { base: 'https://share.example.org/s-1', title: 'Usage', updatedAt: NOW });
    expect(readFeed(xml).summaries).toEqual([
      { usagePoint, start: october.start, duration: october.end - october.start, bill: '730000', currency: 826, consumption: 29_200 },
    ]);
    expect(revealed(JSON.stringify(bills) + xml, [ACCOUNT, 'home-1', 'acc-home-2', 'home-2'])).toEqual([]);
  });

  it('are the ones that last went out, of whole periods in the window', async () => {
    const consent = await billCheck();
    const { data } = computed(ACCOUNT, 'home-1', { totalMicro: '8000000' }) as Extract<BillEvent, { type: 'BillComputed' }>;
    const change = { revision: 2, beforeMicro: '7300000', differenceMicro: '700000', reason: 'restated', at: NOW };
    await billed(world, ACCOUNT, 'home-1', { type: 'BillRerated', data: { ...data, ...change } });
    expect((await world.page(consent, asked)).bills).toMatchObject([{ totalMicro: '8000000', issuedAt: NOW / 1000 }]);
    const short = { from: at('2026-10-01'), until: at('2026-10-31') };
    expect((await world.page(consent, { ...asked, window: short })).bills).toEqual([]);
  });

  it('stay where they are without consent to them', async () => {
    const consent = await billCheck(['usage']);
    expect((await world.page(consent, asked)).bills).toEqual([]);
    expect(await world.ask(consent, { ...asked, dataClasses: ['bills'] })).toEqual({ outcome: 'refused', why: 'data-class-not-granted' });
    expect((await world.page(await billCheck(), { ...asked, dataClasses: ['usage'] })).bills).toEqual([]);
  });
});
