import { describe, expect, it } from 'vitest';
import { type Opening, RecordedAccesses } from '../../domain/audit/openings.ts';
import type { DataAccessed } from '../../events/index.ts';

const AT = Date.UTC(2026, 5, 10, 12);
const MINUTE = 60_000;
const ACCESS: DataAccessed = {
  ...{ principal: 'billing', purpose: 'billing' as const, subjects: ['anna', 'ben'], at: AT },
  ...{ from: Date.UTC(2026, 4, 1), until: Date.UTC(2026, 4, 31) },
};

function explains(changed: Partial<Opening>, within = 30 * MINUTE): boolean {
  const accesses = new RecordedAccesses();
  accesses.add(ACCESS);
  return accesses.explain({ principal: 'billing', subject: 'anna', month: '2026-05', at: AT + MINUTE, ...changed }, within);
}

describe('an access explains that a key was opened', () => {
  it('C10.1-1: by the same principal, of a subject it names, for a month its window meets, soon after it', () => {
    expect(explains({})).toBe(true);
    expect(explains({ subject: 'ben' })).toBe(true);
    expect(explains({ at: AT })).toBe(true);
  });

  it('C10.1-1: and of nobody else, by nobody else', () => {
    expect(explains({ principal: 'export' })).toBe(false);
    expect(explains({ subject: 'carl' })).toBe(false);
  });

  it('C10.1-1: not before it was recorded, seconds apart for records of whole seconds, and not long after', () => {
    expect(explains({ at: AT - 1_000 })).toBe(true);
    expect(explains({ at: AT - 3_000 })).toBe(false);
    expect(explains({ at: AT + 30 * MINUTE })).toBe(true);
    expect(explains({ at: AT + 30 * MINUTE + 1 })).toBe(false);
  });

  it('C10.1-1: to the moment: two seconds before, and where window and month just meet in the zones furthest out', () => {
    expect(explains({ at: AT - 2_000 })).toBe(true);
    expect(explains({ at: AT - 2_001 })).toBe(false);
    const meets = (from: number, until: number) => {
      const accesses = new RecordedAccesses();
      accesses.add({ ...ACCESS, from, until });
      return accesses.explain({ principal: 'billing', subject: 'anna', month: '2026-05', at: AT }, MINUTE);
    };
    const [begins, ends] = [Date.UTC(2026, 3, 30, 10), Date.UTC(2026, 5, 1, 12)];
    expect([meets(0, begins), meets(0, begins + 1)]).toEqual([false, true]);
    expect([meets(ends, 4e12), meets(ends - 1, 4e12)]).toEqual([false, true]);
  });

  it('whichever of several it was', () => {
    const accesses = new RecordedAccesses();
    for (const month of [1, 4, 7]) accesses.add({ ...ACCESS, from: Date.UTC(2026, month, 1), until: Date.UTC(2026, month, 28) });
    const opened = (month: string) => accesses.explain({ principal: 'billing', subject: 'anna', month, at: AT }, MINUTE);
    expect(['2026-02', '2026-05', '2026-08', '2026-12'].map(opened)).toEqual([true, true, true, false]);
  });

  it('C10.1-1: for months that the window meets in some zone, and for bills', () => {
    expect(explains({ month: '2026-04' })).toBe(true);
    expect(explains({ month: '2026-03' })).toBe(false);
    expect(explains({ month: '2026-06' })).toBe(false);
    expect(explains({}, 0)).toBe(false);
    const accesses = new RecordedAccesses();
    accesses.add(ACCESS);
    expect(accesses.explain({ principal: 'billing', subject: 'anna', at: AT }, MINUTE)).toBe(true);
  });
});
