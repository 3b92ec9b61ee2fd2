import { describe, expect, it } from 'vitest';
import type { Assessment } from '../../domain/billing/assessment.ts';
import { bill } from '../../domain/billing/bill.ts';
import type { RecordBill } from '../../domain/billing/bill-command.ts';
import type { BillStatement } from '../../events/index.ts';
import { billingPolicy } from '../../lambdas/billing/billing-policy.ts';
import { given } from '../enrolment/given.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2013, 6, 6);
const SOUND: Assessment = { missing: 0, failed: 0, estimatedPerMille: 0, notFinal: 0, demandEstimated: false };

function statement(total: bigint, revision = 1): BillStatement {
  return {
    period: { accountId: 'a1', usagePoint: 'u1', from: '2013-06-01', until: '2013-07-01' },
    currency: 'GBP',
    lines: [{ code: 'energy/flat', quantity: '1000', unit: 'Wh', priceMicro: String(total), amountMicro: String(total), remainder: '0/1' }],
    totalMicro: String(total),
    inputs: [{ stream: 'meterday/m1/2013-06-01', revision }],
    tariffs: [{ tariff: 't', version: 1, from: '2013-01-01' }],
    estimatedPerMille: 0,
    onEstimates: false,
  };
}

function record(more: Partial<RecordBill> = {}): RecordBill {
  const policy = billingPolicy('residential');
  return {
    type: 'RecordBill',
    statement: statement(100n),
    hash: 'rated',
    assessment: SOUND,
    findings: [],
    policy,
    reason: 'period ended',
    at: NOW,
    ...more,
  };
}

function held(more: Partial<Assessment>, at = NOW): RecordBill {
  return record({ assessment: { ...SOUND, ...more }, at });
}

const COMPUTED = { type: 'BillComputed', data: { ...statement(100n), revision: 1, at: NOW } } as const;

describe('the bill of a period', () => {
  it('is computed once: the same input again is nothing new', () => {
    given(bill, []).when(record()).thenEvents(COMPUTED);
    given(bill, [COMPUTED])
      .when(record(), record({ at: NOW + DAY_MS, reason: 'asked again' }))
      .thenNothing();
  });

  it.each([
    [{ missing: 1 }, ['missing']],
    [{ estimatedPerMille: 201 }, ['estimated']],
    [{ failed: 1 }, ['failed']],
    [{ notFinal: 1 }, ['not-final']],
    [{ demandEstimated: true }, ['demand-estimated']],
    [{ missing: 3, failed: 2 }, ['missing', 'failed']],
  ])('is held by %j', (assessment, reasons) => {
    const { missing, failed, estimatedPerMille: estimatedShare } = { ...SOUND, ...assessment };
    const rated = { hash: 'rated', currency: 'GBP', totalMicro: '100' };
    const data = { period: statement(0n).period, reasons, missing, estimatedShare, failed, until: NOW + 30 * DAY_MS, at: NOW, rated };
    given(bill, [])
      .when(held(assessment))
      .thenEvents({ type: 'BillHeld', data } as never);
  });

  it('is not held by a fifth of estimates', () => {
    given(bill, [])
      .when(held({ estimatedPerMille: 200 }))
      .thenTypes('BillComputed');
  });

  it('says so again only when the hold is another, and its end stays', () => {
    const { held: hold } = given(bill, [])
      .when(held({ missing: 2 }), held({ missing: 2 }, NOW + DAY_MS), held({ missing: 1 }, NOW + DAY_MS))
      .thenState();
    expect(hold).toMatchObject({ missing: 1, until: NOW + 30 * DAY_MS, at: NOW + DAY_MS });
    given(bill, [])
      .when(held({ missing: 2 }), held({ missing: 2 }, NOW + DAY_MS))
      .thenTypes('BillHeld');
  });

  it('is another hold when it comes to something else, later than the one before, whatever the clock says', () => {
    const { held: hold } = given(bill, [])
      .when(held({ missing: 2 }), { ...held({ missing: 2 }), statement: statement(900n), hash: 'rated otherwise' })
      .thenState();
    expect(hold).toMatchObject({ missing: 2, at: NOW + 1, until: NOW + 30 * DAY_MS, rated: { totalMicro: '900' } });
  });

  it('C10.1-1: goes by a person’s word only as it was seen: the same hold, and the same rating', () => {
    const review = (more: Partial<RecordBill> = {}) => record({ findings: [{ rule: 'V27', result: 'review' }], ...more });
    const word = { approvedBy: 'sue', ofHold: NOW, at: NOW + DAY_MS };
    given(bill, []).when(review(), review(word)).thenTypes('BillHeld', 'BillComputed');
    for (const other of [{ hash: 'rated otherwise' }, { ofHold: NOW - 1 }])
      expect(() =>
        given(bill, [])
          .when(review(), review({ ...word, ...other }))
          .thenState(),
      ).toThrow('comes to something else');
    expect(() => given(bill, []).when(review(word)).thenState()).toThrow('comes to something else');
  });

  it('C10.1-1: one that was held before its rating was kept waits to be rated again before a word lets it go', () => {
    const { rated: _rated, ...data } = given(bill, [])
      .when(held({ demandEstimated: true }))
      .thenState().held!;
    const word = record({ approvedBy: 'sue', demandApprovedBy: 'sue', ofHold: NOW });
    expect(() =>
      given(bill, [{ type: 'BillHeld', data }])
        .when(word)
        .thenState(),
    ).toThrow('comes to something else');
    given(bill, [{ type: 'BillHeld', data }])
      .when(held({ demandEstimated: true }), { ...word, ofHold: NOW + 1 })
      .thenTypes('BillHeld', 'BillComputed');
  });

  it('goes out when what held it is gone', () => {
    given(bill, [])
      .when(held({ missing: 2 }), record({ at: NOW + DAY_MS }))
      .thenTypes('BillHeld', 'BillComputed');
  });

  it('goes out on estimates, marked, when 30 days are over', () => {
    const late = held({ missing: 2 }, NOW + 30 * DAY_MS);
    given(bill, [])
      .when(held({ missing: 2 }), held({ missing: 2 }, NOW + 30 * DAY_MS - 1))
      .thenTypes('BillHeld');
    const { billed } = given(bill, [])
      .when(held({ missing: 2 }), late)
      .thenState();
    expect(billed?.statement.onEstimates).toBe(true);
  });

  it('that waited for a person alone is not on estimates', () => {
    const { billed } = given(bill, [])
      .when(held({ demandEstimated: true }), held({ demandEstimated: true }, NOW + 31 * DAY_MS))
      .thenState();
    expect(billed?.statement.onEstimates).toBe(false);
  });

  it('is rated again as a whole: old, new, difference, reason', () => {
    const again = record({ statement: statement(80n, 2), reason: 'day restated: meter multiplier', at: NOW + DAY_MS });
    given(bill, [COMPUTED])
      .when(again, again)
      .thenEvents({
        type: 'BillRerated',
        data: {
          ...statement(80n, 2),
          revision: 2,
          beforeMicro: '100',
          differenceMicro: '-20',
          reason: 'day restated: meter multiplier',
          at: NOW + DAY_MS,
        },
      });
  });

  it('that went out is held again before a re-rating that can not be trusted', () => {
    const again = record({ statement: statement(500n, 2), assessment: { ...SOUND, failed: 48 } });
    const { billed, held: hold } = given(bill, [COMPUTED]).when(again).thenState();
    expect([billed?.statement.totalMicro, hold?.reasons]).toEqual(['100', ['failed']]);
  });

  it('keeps a warning of the period with it, and waits for a person where a finding wants one', () => {
    const warned = record({ findings: [{ rule: 'V17', result: 'warning' }] });
    expect(given(bill, []).when(warned).thenState().billed?.statement.findings).toEqual(['V17']);
    const review = record({ statement: statement(500n, 2), findings: [{ rule: 'V27', result: 'review' }], at: NOW + DAY_MS });
    given(bill, [COMPUTED]).when(review).thenTypes('BillHeld');
    given(bill, [COMPUTED])
      .when(review, { ...review, approvedBy: 'op-1' })
      .thenTypes('BillHeld', 'BillRerated');
    given(bill, [COMPUTED])
      .when(review, { ...review, at: NOW + 31 * DAY_MS })
      .thenTypes('BillHeld', 'BillRerated');
  });

  it('is held no more once its facts are again those it went out with, and says so once', () => {
    const review = record({ statement: statement(500n, 2), findings: [{ rule: 'V27', result: 'review' }], at: NOW + DAY_MS });
    const back = record({ statement: statement(100n), reason: 'day restated', at: NOW + 2 * DAY_MS });
    const again = given(bill, [COMPUTED]).when(review, back, { ...back, at: NOW + 3 * DAY_MS });
    again.thenTypes('BillHeld', 'BillHoldEnded');
    const { held: hold, billed } = again.thenState();
    expect([hold, billed?.revision, billed?.statement.totalMicro]).toEqual([undefined, 1, '100']);
    given(bill, [COMPUTED]).when(back).thenTypes();
  });

  it('does not change because back-billing looks at another day', () => {
    const late = (amountMicro: bigint): BillStatement => {
      const { lines, ...rest } = statement(100n);
      const limit = { code: 'back-billing', quantity: '3', unit: 'day', amountMicro: String(amountMicro), remainder: '0/1' } as const;
      return { ...rest, lines: [...lines, limit], totalMicro: String(100n + amountMicro) };
    };
    given(bill, [])
      .when(record({ statement: late(-10n) }), record({ statement: late(-20n) }))
      .thenTypes('BillComputed');
  });

  it('ignores what it does not know', () => {
    expect(given(bill, [COMPUTED, { type: 'TariffPublished', data: {} } as never]).state).toEqual(given(bill, [COMPUTED]).state);
  });
});
