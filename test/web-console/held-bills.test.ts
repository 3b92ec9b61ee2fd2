import { describe, expect, it } from 'vitest';
import { BillApproval } from '../../api/held-bills.ts';
import { approvalOf, asApproved, goesByWord, type HeldBill, hrefOfDays, isComplete } from '../../web/console/model/held-bills.ts';
import { wantedAt, wantedMeter } from '../../web/console/model/meter-search.ts';
import { placeOf } from '../../web/shared/router.ts';

const held = (...reasons: HeldBill['reasons']) => ({ heldAt: '2026-11-06T12:00:00.000Z', reasons, totalMicro: '74500000' });

describe('a bill that waits', () => {
  it('goes by a person’s word where nothing else holds it', () => {
    expect([goesByWord(held('review')), goesByWord(held('review', 'demand-estimated'))]).toEqual([true, true]);
    for (const other of ['missing', 'estimated', 'failed', 'not-final'] as const) expect(goesByWord(held('review', other))).toBe(false);
  });

  it('does not go where nobody can see what it comes to', () => {
    expect(goesByWord({ reasons: ['review'] })).toBe(false);
  });

  it('leads to its days for whoever may look for meters, and for nobody else', () => {
    for (const role of ['operator', 'supervisor', 'auditor']) {
      const href = hrefOfDays({ usagePoint: 'up-00001' }, role) ?? '';
      const place = placeOf(href);
      expect(place.parts, role).toEqual(['meter']);
      expect(wantedMeter(wantedAt(place) ?? ''), role).toEqual({ of: 'up-00001' });
    }
    expect(hrefOfDays({ usagePoint: 'up-00001' }, 'security-officer')).toBeUndefined();
    expect(wantedAt(placeOf('#/meter/02a1b2c3d4e5f607'))).toBeUndefined();
  });

  it('wants a reason, and a yes to estimated demand where that holds it', () => {
    expect(isComplete(held('review'), '  ', true)).toBe(false);
    expect(isComplete(held('review'), 'seen on site', false)).toBe(true);
    expect(isComplete(held('demand-estimated'), 'seen on site', false)).toBe(false);
    expect(isComplete(held('demand-estimated'), 'seen on site', true)).toBe(true);
  });

  it('is approved as it was seen, and demand only where it was asked for', () => {
    const { heldAt } = held('review');
    expect(approvalOf(held('review'), ' seen ', true)).toEqual({ heldAt, reason: 'seen' });
    expect(approvalOf(held('demand-estimated'), 'seen', true)).toEqual({ heldAt, reason: 'seen', demand: true });
    expect(BillApproval.safeParse(approvalOf(held('demand-estimated'), 'seen', true)).success).toBe(true);
  });

  it('shows what it comes to by the word that is given', () => {
    const bill = { totalMicro: '8', withDemandMicro: '50', currency: 'GBP' };
    expect([asApproved(bill, false), asApproved(bill, true)].map(({ totalMicro }) => totalMicro)).toEqual(['8', '50']);
    expect(asApproved({ totalMicro: '8', currency: 'GBP' }, true)).toEqual({ totalMicro: '8', currency: 'GBP' });
  });
});
