import { describe, expect, test } from 'vitest';
import { refusedRecently, type SignIn, standingWords } from '../../web/portal/views/privacy/sign-ins.ts';

const signIn = (session: string, changed: Partial<SignIn> = {}): SignIn => ({
  ...{ session, current: false, at: '2026-11-26T08:00:00.000Z', device: 'Firefox on Linux', method: 'passkey' },
  ...{ refusedBefore: 0, state: 'open', endedAt: null, why: null },
  ...changed,
});

describe('tries that were refused', () => {
  test('count from the sign-in before the one that asks: others’ since, and none before', () => {
    const signIns = [
      signIn('new', { refusedBefore: 1 }),
      signIn('mine', { current: true, refusedBefore: 2 }),
      signIn('old', { refusedBefore: 4 }),
    ];
    expect(refusedRecently({ signIns, refusedSince: 8 })).toBe(1 + 2 + 8);
  });

  test('are those since the newest where the one that asks is not among them', () => {
    expect(refusedRecently({ signIns: [signIn('old', { refusedBefore: 4 })], refusedSince: 3 })).toBe(3);
  });
});

describe('how a sign-in stands', () => {
  test.each([
    [{}, /^Still open/],
    [{ state: 'over', endedAt: '2026-11-26T20:00:00.000Z' }, /^Over by itself.*20:00/],
    [{ state: 'ended', endedAt: '2026-11-26T09:30:00.000Z', why: 'signed-out' }, /^Signed out.*09:30/],
    [{ state: 'ended', endedAt: '2026-11-26T09:30:00.000Z', why: 'ended-by-person' }, /^Ended by you/],
    [{ state: 'ended', endedAt: '2026-11-26T09:30:00.000Z', why: 'withdrawn' }, /^Ended by us/],
    [{ state: 'ended', endedAt: '2026-11-26T09:30:00.000Z', why: 'person-removed' }, /removed/],
  ] as const)('is said in words: %j', (changed, words) => {
    expect(standingWords(signIn('a', changed), 'UTC')).toMatch(words);
  });
});
