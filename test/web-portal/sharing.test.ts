import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConsentAnswer } from '../../api/customer-account.ts';
import { type Arrangement, endsSoon, sorted } from '../../web/portal/views/sharing/arrangements.ts';
import { allowing, durationsOf, safeLocation } from '../../web/portal/views/sharing/consent/answer.ts';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-11-26T12:00:00.000Z');
const inDays = (days: number) => new Date(NOW + days * DAY_MS).toISOString();

const arrangement = (consent: string, changed: Partial<Arrangement> = {}): Arrangement => ({
  consent,
  recipient: { id: 'watt-advice', name: 'Watt Advice' },
  purpose: 'efficiency',
  purposeText: 'advise on using less energy',
  dataClasses: ['usage'],
  resolution: 'day',
  from: inDays(-300),
  until: inDays(200),
  expiresAt: inDays(200),
  status: 'granted',
  grantedAt: inDays(-10),
  endedAt: null,
  lastAccessAt: null,
  accesses: 0,
  ...changed,
});
const names = (arrangements: readonly Arrangement[]) => arrangements.map(({ consent }) => consent);

describe('arrangements', () => {
  test('what is past its end is not shown as shared, whoever has recorded that', () => {
    const all = [
      arrangement('later', { expiresAt: inDays(90) }),
      arrangement('over', { expiresAt: inDays(0) }),
      arrangement('sooner', { expiresAt: inDays(3) }),
      arrangement('old', { status: 'expired', endedAt: inDays(-40), expiresAt: inDays(-40) }),
      arrangement('stopped', { status: 'revoked', endedAt: inDays(-2) }),
      arrangement('stopped-last', { status: 'revoked', endedAt: inDays(-1) }),
    ];
    const { active, expired, ended } = sorted(all, NOW);
    expect(names(active)).toEqual(['sooner', 'later']);
    expect(names(expired)).toEqual(['over', 'old']);
    expect(names(ended)).toEqual(['stopped-last', 'stopped']);
  });

  test('the last thirty days say that it ends', () => {
    const grantedAt = inDays(-300);
    expect(endsSoon({ grantedAt, expiresAt: inDays(30) }, NOW)).toBeUndefined();
    expect(endsSoon({ grantedAt, expiresAt: inDays(29.9) }, NOW)).toBe(29);
    expect(endsSoon({ grantedAt, expiresAt: inDays(0.5) }, NOW)).toBe(0);
    expect(endsSoon({ grantedAt, expiresAt: inDays(-0.1) }, NOW)).toBeUndefined();
  });

  test('what was allowed for a month says so in its second half', () => {
    expect(endsSoon({ grantedAt: inDays(0), expiresAt: inDays(29.9) }, NOW)).toBeUndefined();
    expect(endsSoon({ grantedAt: inDays(-16), expiresAt: inDays(14) }, NOW)).toBe(14);
  });
});

describe('an answer to a question for data', () => {
  const request = { dataClasses: ['usage', 'bills'] as ('usage' | 'generation' | 'bills')[], textHash: 'a'.repeat(64) };

  test('nothing ticked, or no duration, is no yes', () => {
    expect(allowing(request, new Set(), 30)).toBeUndefined();
    expect(allowing(request, new Set(['usage']), undefined)).toBeUndefined();
    expect(allowing(request, new Set(['generation']), 30)).toBeUndefined();
  });

  test('a yes names what was ticked of what was asked for, and the service takes it', () => {
    const answer = allowing(request, new Set(['bills', 'generation']), 91);
    expect(ConsentAnswer.parse(answer)).toEqual({ decision: 'allow', textHash: request.textHash, dataClasses: ['bills'], days: 91 });
  });

  test('no duration is longer than what was asked for or thirteen months, and none is for ever', () => {
    fc.assert(
      fc.property(fc.integer({ min: -DAY_MS, max: 5_000 * DAY_MS }), (ms) => {
        const durations = durationsOf({ expiresAt: new Date(NOW + ms).toISOString() }, NOW);
        expect(durations.every((days) => Number.isInteger(days) && days >= 1 && days <= 396 && days * DAY_MS <= ms)).toBe(true);
        expect(durations).toEqual([...new Set(durations)].sort((one, other) => one - other));
        expect(durations.length > 0).toBe(ms >= DAY_MS);
      }),
    );
    expect(durationsOf({ expiresAt: inDays(365) }, NOW)).toEqual([30, 91, 182, 365]);
    expect(durationsOf({ expiresAt: inDays(396.5) }, NOW)).toEqual([30, 91, 182, 365, 396]);
    expect(durationsOf({ expiresAt: inDays(20) }, NOW)).toEqual([20]);
    expect(durationsOf({ expiresAt: inDays(0.5) }, NOW)).toEqual([]);
  });

  test('the browser goes nowhere but to the service and whoever asked', () => {
    const at = { own: 'https://portal.example', returnsTo: 'https://watt.example' };
    expect(safeLocation('/oauth/authorize/abc', at)).toBe('https://portal.example/oauth/authorize/abc');
    expect(safeLocation('https://watt.example/callback?code=1', at)).toBe('https://watt.example/callback?code=1');
    for (const hostile of [
      'javascript:alert(1)',
      'data:text/html,x',
      'https://evil.example/',
      '//evil.example',
      'https://watt.example.evil/',
      'http://[',
    ]) {
      expect(safeLocation(hostile, at)).toBeUndefined();
    }
    expect(safeLocation('javascript:alert(1)', { own: 'https://portal.example', returnsTo: 'javascript:alert(1)' })).toBeUndefined();
  });
});
