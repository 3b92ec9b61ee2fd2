import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BillComputed, BillLine, BillRerated } from '../../events/index.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { issuedTo, record, recordBill } from './false-bills.ts';
import { accountOf, billOf, ProofWorld, TARIFF } from './proof-world.ts';
import { chargedFrom, ratedByHand } from './rated-by-hand.ts';

const HOME = 'home-1';
const OWN = accountOf(HOME);
const SINCE = '2026-01-02';
const EARLIER = `bill/${OWN}/${HOME}.2026-09-24#2`;
const dear = JSON.stringify({ ...TARIFF, from: SINCE })
  .replace('0.31', '9.10')
  .replace('0.17', '7.70');

let world: ProofWorld;
beforeEach(async () => {
  world = await ProofWorld.open();
}, 60_000);
afterEach(() => world.close());

async function verdictOn(bill: BillComputed) {
  await recordBill(world, bill);
  return await world.verdict(HOME);
}

const trueUp = (corrects: string): BillLine => {
  return { code: 'true-up', quantity: '1', unit: 'piece', amountMicro: '99000000', remainder: '0/1', corrects };
};
const settling =
  (...corrects: readonly string[]) =>
  (bill: BillComputed): BillComputed => ({ ...bill, lines: corrects.map(trueUp) });

describe('what a bill takes from elsewhere', () => {
  it('R9.2-2, C10.1-7: a true-up is named with the bill that it corrects', async () => {
    const found = await verdictOn(await ratedByHand(world, HOME, settling(EARLIER)));
    expect(found).toMatchObject({ taken: [{ about: EARLIER, why: 'settled' }], binding: { onWord: [] } });
  });

  it.each<[string, readonly string[], RegExp]>([
    ['of the same revision twice', [EARLIER, EARLIER], /a second time/],
    ['of another account', [EARLIER.replace(OWN, accountOf('home-2'))], /no earlier bill/],
    ['of another usage point', [EARLIER.replace(`/${HOME}.`, '/home-2.')], /no earlier bill/],
    ['of the bill itself', [`${billOf(HOME)}#2`], /no earlier bill/],
    ['of a first revision', [EARLIER.replace('#2', '#1')], /no earlier bill/],
    ['of one revision twice, written in two ways', [EARLIER, EARLIER.replace('#2', '#02')], /no earlier bill/],
  ])('R9.2-2, C10.1-7: a true-up %s is refused', async (_what, corrects, told) => {
    const found = await verdictOn(await ratedByHand(world, HOME, settling(...corrects)));
    expect(found).toMatchObject({ fault: 'lines', what: expect.stringMatching(told) });
  });

  it('R9.2-2, C10.1-7: prices that were published after the days are named', async () => {
    world.clock.advance(40 * 86_400_000);
    const found = await verdictOn(await ratedByHand(world, HOME, chargedFrom(SINCE), { text: dear }));
    expect(found).toMatchObject({ taken: [{ about: 'tariff bands version 2', why: 'backdated' }] });
  });

  it('R9.2-2, C10.1-7: prices that were published after the bill are refused', async () => {
    const issued = await issuedTo(world, HOME);
    await recordBill(world, { ...issued, tariffs: [{ ...issued.tariffs[0]!, version: 2, from: SINCE }] });
    world.clock.advance(60_000);
    await publishTariff(world.platform.as('billing'), { file: 'bands.json', text: dear }, new Map());
    expect(await world.verdict(HOME)).toMatchObject({ fault: 'lines', what: expect.stringContaining('published after the bill went out') });
  });

  it('R9.2-2: demand at a price for a period is named where that is no calendar month', async () => {
    const demand = { kind: 'demand', code: 'd', minutes: 30, of: 'kW', price: '10', per: 'period' };
    const text = JSON.stringify({ ...TARIFF, from: SINCE, charges: [...TARIFF.charges, demand] });
    const found = await verdictOn(await ratedByHand(world, HOME, chargedFrom(SINCE), { text }));
    const about = expect.stringMatching(/^demand\/d, for a period of 3 days/);
    expect(found).toMatchObject({ taken: expect.arrayContaining([{ about, why: 'period' }]) });
  });

  it('R9.2-2, C10.1-7: a true-up that names no bill is refused', async () => {
    const issued = await issuedTo(world, HOME);
    const { corrects: _corrects, ...line } = trueUp(EARLIER);
    const found = await verdictOn({ ...issued, lines: [line, ...issued.lines] });
    expect(found).toMatchObject({ fault: 'lines', what: expect.stringMatching(/no earlier bill/) });
  });

  it('R9.2-2: a second revision that does not say what the first came to is refused', async () => {
    const data = { ...(await issuedTo(world, HOME)), revision: 2 };
    await record(world, 'billing', billOf(HOME), [{ type: 'BillComputed', data }], { of: 'billing', subject: OWN });
    expect(await world.verdict(HOME)).toMatchObject({ fault: 'lines', what: expect.stringMatching(/came to before/) });
  });

  it.each<[string, (total: string) => Partial<BillRerated>, RegExp]>([
    ['another difference than its total gives', () => ({ revision: 2, beforeMicro: '1', differenceMicro: '888' }), /the difference to/],
    ['a difference in its first revision', (total) => ({ revision: 1, beforeMicro: '0', differenceMicro: total }), /or should not/],
  ])('R9.2-2: a bill that says %s is refused', async (_what, more, told) => {
    const issued = await issuedTo(world, HOME);
    const data = { ...issued, reason: 'again', ...more(issued.totalMicro) } as BillRerated;
    await record(world, 'billing', billOf(HOME), [{ type: 'BillRerated', data }], { of: 'billing', subject: OWN });
    expect(await world.verdict(HOME)).toMatchObject({ fault: 'lines', what: expect.stringMatching(told) });
  });
});
