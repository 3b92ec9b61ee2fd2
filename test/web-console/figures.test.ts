import { describe, expect, it } from 'vitest';
import { causeWords, clockOf, isPartlyClosed } from '../../web/console/model/cause.ts';
import { concentratorTotals, deliveryTotals, hourState, successByDay, worstFirst } from '../../web/console/model/delivery.ts';
import { endingsOf, endState } from '../../web/console/model/ends.ts';

const NOW = Date.parse('2026-03-01T00:00:00Z');
const NO_FAILURES = { transport: 0, crypto: 0, schema: 0, vee: 0 };
const frames = (accepted: number, refused: number) => ({ day: '2026-02-01', accepted, duplicate: 0, quarantined: 0, refused });

describe('delivery', () => {
  const LATER = '2026-03-01T00:00:00Z';
  const hour = (expected: number, received: number) => ({ hour: '2026-02-28T10:00:00Z', expected, received });

  it.each([
    [0, 0, 'idle'],
    [100, 0, 'none'],
    [100, 94, 'short'],
    [100, 95, 'nearly'],
    [1000, 995, 'whole'],
    [100, 120, 'whole'],
  ] as const)('of %i expected and %i received is %s', (expected, received, state) => {
    expect(hourState(hour(expected, received), LATER).state).toBe(state);
  });

  it('of the hour that is going on is neither lost nor counted', () => {
    const running = { ...hour(960, 0), hour: '2026-02-28T23:00:00Z' };
    const asOf = '2026-02-28T23:59:59Z';
    expect(hourState(running, asOf).state).toBe('running');
    expect(hourState({ ...running, expected: 0 }, asOf).state).toBe('idle');
    expect(hourState(running, '2026-03-01T00:00:00Z').state).toBe('none');
    const whole = { ...hour(960, 960), hour: '2026-02-28T22:00:00Z' };
    expect(deliveryTotals([whole, running], asOf)).toEqual({ expected: 960, received: 960, share: 1 });
    expect(deliveryTotals([whole, running], '2026-03-01T00:00:00Z').share).toBe(0.5);
    expect(deliveryTotals([running], asOf).share).toBeUndefined();
  });

  it('never shows more than all', () => {
    expect(hourState(hour(10, 12), LATER).share).toBe(1);
  });

  it('has no share where nothing was expected', () => {
    expect(deliveryTotals([hour(0, 0)], LATER).share).toBeUndefined();
    expect(deliveryTotals([hour(8, 2), hour(8, 6)], LATER)).toEqual({ expected: 16, received: 8, share: 0.5 });
  });
});

describe('concentrators', () => {
  const one = { dcId: 'dc-1', meters: 1, lastSeen: null, certificateUntil: null, failures: { ...NO_FAILURES, crypto: 2, vee: 1 } };

  it('have success by frames, duplicates among the good ones', () => {
    const days = [{ ...frames(7, 1), duplicate: 1, quarantined: 1 }];
    expect(concentratorTotals({ ...one, days })).toEqual({ frames: 10, success: 0.8, failures: 3 });
    expect(successByDay({ days: [...days, frames(0, 0)] })).toEqual([0.8, undefined]);
  });

  it('come worst first; one that sent nothing is the worst', () => {
    const of = (dcId: string, days: ReturnType<typeof frames>[]) => ({ ...one, dcId, days });
    const sorted = worstFirst([of('b', [frames(10, 0)]), of('a', [frames(10, 0)]), of('c', [frames(1, 1)]), of('d', [])]);
    expect(sorted.map(({ dcId }) => dcId)).toEqual(['d', 'c', 'a', 'b']);
  });
});

describe('what ends', () => {
  it.each([
    ['2026-03-01T00:00:00Z', 'ended'],
    ['2026-03-08T00:00:00Z', 'days'],
    ['2026-03-08T00:00:01Z', 'weeks'],
    ['2026-03-31T00:00:00Z', 'weeks'],
    ['2026-03-31T00:00:01Z', 'later'],
    [null, 'never'],
  ] as const)('at %s: %s', (at, state) => {
    expect(endState(at, NOW)).toBe(state);
  });

  it('comes soonest first, revoked and endless last', () => {
    const certificate = (subject: string, notAfter: string, status: 'active' | 'revoked' | 'expired') => ({
      subject,
      role: 'operator',
      notAfter,
      status,
    });
    const key = (name: string, dueAt: string | null) => ({
      ...{ key: name, usage: 'sign', dueAt },
      generations: [1, 2].map((generation) => ({ generation, since: '', until: null, current: generation === 2 })),
    });
    const endings = endingsOf(
      {
        keys: [key('endless', null), key('due', '2026-03-05T00:00:00Z')],
        certificates: [
          certificate('gone', '2026-03-02T00:00:00Z', 'revoked'),
          certificate('late', '2027-01-01T00:00:00Z', 'active'),
          certificate('old', '2026-02-01T00:00:00Z', 'expired'),
        ],
      },
      NOW,
    );
    expect(endings.map(({ name, state, generation }) => [name, state, generation])).toEqual([
      ['old', 'ended', undefined],
      ['due', 'days', 2],
      ['late', 'later', undefined],
      ['endless', 'never', 2],
      ['gone', 'revoked', undefined],
    ]);
  });
});

describe('rows of the queue', () => {
  it.each([
    ['rule/V15', 'V15', 'Sum against register'],
    ['outage/2026-01-15T10:30Z', 'Outage', 'since 15 Jan 2026, 10:30'],
    ['outage/of-another-form', 'Outage', 'since of-another-form'],
    ['profile/chain-broken', 'Profile', 'chain broken'],
    ['gap', 'Gap', 'readings missing'],
    ['held', 'Held', 'day is held'],
    ['something/new', 'something', 'new'],
  ])('say what %s is', (cause, code, words) => {
    expect(causeWords(cause)).toEqual({ code, words });
  });

  it.each([
    ['2026-02-28T22:30:00Z', '2026-03-05T07:00:00Z', { ageHours: 1, leftHours: 103, state: 'in-time' }],
    ['2026-02-25T00:00:00Z', '2026-03-01T23:30:00Z', { ageHours: 96, leftHours: 24, state: 'soon' }],
    ['2026-02-24T00:00:00Z', '2026-03-01T00:00:00Z', { ageHours: 120, leftHours: 0, state: 'late' }],
    ['2026-02-24T00:00:00Z', '2026-02-27T12:00:00Z', { ageHours: 120, leftHours: -36, state: 'late' }],
    ['2026-03-02T00:00:00Z', '2026-03-06T07:00:00Z', { ageHours: 0, leftHours: 127, state: 'in-time' }],
  ] as const)('have time until their days become final: since %s, due at %s', (oldest, dueAt, clock) => {
    expect(clockOf({ oldest, dueAt }, NOW)).toEqual(clock);
  });
});

it('of a row of the queue says how many meters are open where some are and some are not', () => {
  const partly = (openMeters: number) => isPartlyClosed({ meters: 3, openMeters });
  expect([partly(0), partly(1), partly(2), partly(3)]).toEqual([false, true, true, false]);
});
