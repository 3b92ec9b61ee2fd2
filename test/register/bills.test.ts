import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countedReasons, coveredLines, heldAmounts, heldText, whyHeld } from '../../bin/texts/bill-text.ts';
import { differenceText, moneyText } from '../../bin/texts/money-text.ts';
import { METER } from '../subjects/given.ts';
import { RegisterWorld } from './register-world.ts';

describe('joulekeep bill run', () => {
  let world: RegisterWorld;
  beforeEach(async () => {
    world = await RegisterWorld.make();
  });
  afterEach(() => world.end());

  it('bills a day once: a period that another bill overlaps is refused in one line, and the same period is not', async () => {
    await world.allClosed();
    expect((await world.run('bill', 'run', '--period', '2026-10')).out).toContain('bills      1: 1 issued now, 0 unchanged');
    const overlapping = await world.run('bill', 'run', '--period', '2026-10', '--start-day', '15');
    expect(overlapping).toMatchObject({ status: 1, err: '' });
    expect(overlapping.out).toContain('bills      0: 0 issued now, 0 unchanged\nheld       0\n');
    expect(overlapping.out).toContain(
      'not billed acc-1 at home-1 is billed from 2026-10-01 to 2026-11-01 already, which overlaps 2026-10-15 to 2026-11-15: bill a period that ends by 2026-10-01, or begins on 2026-11-01 or later\n',
    );
    expect(await world.run('bill', 'run', '--period', '2026-10')).toMatchObject({ status: 0 });
    const { out } = await world.run('bill', 'show', 'acc-1');
    expect(out.match(/^bill\//gm)).toHaveLength(1);
  });

  it('a bill whose days are no month is run again by its days, as the refusal and the help say', async () => {
    await world.allClosed();
    const days = ['--from', '2026-10-24', '--until', '2026-10-27'];
    expect((await world.run('bill', 'run', ...days)).out).toContain('period     2026-10-24 to 2026-10-27');
    const month = await world.run('bill', 'run', '--period', '2026-10');
    expect([month.status, month.out]).toEqual([
      1,
      expect.stringMatching(
        /is billed from 2026-10-24 to 2026-10-27 already.*\nto run a bill again that is there: --from and --until with its days/,
      ),
    ]);
    expect((await world.run('bill', 'run', ...days)).out).toContain('bills      1: 0 issued now, 1 unchanged');
    for (const wrong of [[], ['--from', '2026-10-24'], [...days, '--period', '2026-10'], ['--from', '2026-10-27', '--until', '2026-10-27']])
      expect(await world.run('bill', 'run', ...wrong), wrong.join(' ')).toMatchObject({ status: 2 });
  });

  it('a bill that is only held counts as well: it goes out when its hold ends', async () => {
    await world.closed('2026-10-24', 10);
    expect((await world.run('bill', 'run', '--period', '2026-10')).out).toContain('held       1, because days are not final yet');
    expect((await world.run('bill', 'run', '--period', '2026-10', '--start-day', '20')).status).toBe(1);
    expect((await world.run('bill', 'show', 'acc-1')).out).toMatch(
      /held until \d{4}-\d\d-\d\d: days are not final yet; comes to 0\.730000 GBP\n/,
    );
  });

  it('prices are shown in units of the currency, of a preview as well', async () => {
    await world.allClosed();
    const edit = ['day', 'edit', METER, '2026-10-25', '--slots', '3', '--values', '11', '--reason', 'meter-read', '--preview'];
    const { out } = await world.run(...edit, '--as', 'ann', '--role', 'operator');
    expect(out).toContain('money   0.730000 to 0.730250 GBP from 2026-10-01 to 2026-11-01: +0.000250\n');
  });
});

describe('what a person reads', () => {
  it('of a held bill says which amount is which', () => {
    const rated = { totalMicro: '1500000', currency: 'GBP' };
    expect(heldAmounts(rated)).toBe('comes to 1.500000 GBP');
    expect(heldAmounts({ ...rated, withDemand: { hash: '', totalMicro: '2000000' } })).toBe(
      'comes to 1.500000 GBP without the demand that is estimated, to 2.000000 GBP with it (--demand)',
    );
  });

  it.each([
    ['0', '0.000000'],
    ['1', '0.000001'],
    ['-1', '-0.000001'],
    ['-1234567', '-1.234567'],
    ['123456789012345', '123456789.012345'],
  ])('of money: %s micro are %s', (micro, text) => {
    expect(moneyText(micro)).toBe(text);
  });

  it('of a difference has a sign', () => {
    expect([differenceText('5', '5'), differenceText('5', '4'), differenceText('4', '5')]).toEqual(['+0.000000', '-0.000001', '+0.000001']);
  });

  it('of a hold is one reason where days are not final: what they lack is the same thing', () => {
    expect(whyHeld(['missing', 'not-final'])).toEqual(['days are not final yet']);
    expect(whyHeld(['missing', 'review'])).toEqual(['readings are missing', 'a person has to look at a change']);
    const period = { accountId: 'a', usagePoint: 'u', from: '2026-10-01', until: '2026-11-01' };
    const bill = { period, missing: 1, estimatedShare: 0, failed: 0, until: 1, at: 1 };
    const held = [
      { ...bill, reasons: ['missing', 'not-final'] },
      { ...bill, reasons: ['not-final', 'missing', 'estimated'] },
    ] as const;
    expect(countedReasons(held)).toEqual({ 'days are not final yet': 2, 'too much is estimated': 1 });
    expect([heldText([]), heldText(held)]).toEqual(['0', '2: 2 because days are not final yet, 1 because too much is estimated']);
    expect(heldText([held[0], held[0]])).toBe('2, because days are not final yet');
  });

  it('of bills that others cover is one line for those that are alike, with the first of their names', () => {
    const covered = (account: string, already: string) => {
      const [usagePoint, why] = [`up-${account}`, `is billed ${already}`];
      return { account, usagePoint, why, message: `${account} at up-${account} ${why}` };
    };
    const five = ['a', 'b', 'c', 'd', 'e'].map((account) => covered(account, 'to May'));
    expect(coveredLines({ covered: [...five.slice(0, 2), covered('x', 'to June'), ...five.slice(2)] })).toEqual([
      'not billed 5, of which each is billed to May (a at up-a, b at up-b, c at up-c and 2 more)',
      'not billed x at up-x is billed to June',
    ]);
    expect(coveredLines({ covered: five.slice(0, 2) })).toEqual(['not billed 2, of which each is billed to May (a at up-a, b at up-b)']);
    const months = Array.from({ length: 10 }, (_, n) => covered('m', `to month ${n}`));
    expect(coveredLines({ covered: months }).at(-1)).toBe('not billed 2 more for the same reason');
    expect(coveredLines({ covered: [] })).toEqual([]);
  });
});
