import { describe, expect, it } from 'vitest';
import type { ConsentCommand } from '../../domain/consent/consent.ts';
import { PURPOSES } from '../../domain/consent/purposes.ts';
import type { ConsentEvent, ConsentPurpose, DataResolution } from '../../events/index.ts';
import { DAY, decided, disclosing, GRANTED, HOUR, NOW } from './given.ts';

const granted: ConsentEvent = { type: 'ConsentGranted', data: GRANTED };
const revoked: ConsentEvent = { type: 'ConsentRevoked', data: { by: 'customer', at: NOW + DAY } };
const expired: ConsentEvent = { type: 'ConsentExpired', data: { at: GRANTED.expiresAt } };
const grant = (changes: Partial<typeof GRANTED> = {}): ConsentCommand => ({ type: 'GrantConsent', ...GRANTED, ...changes });
const { from, until, expiresAt, usagePoints } = GRANTED;
const scope = { dataClasses: GRANTED.dataClasses, resolution: GRANTED.resolution, from, until, expiresAt, usagePoints };
const narrow = (changes: Partial<typeof scope>): ConsentCommand => ({
  ...{ type: 'NarrowConsent', ...scope, ...changes },
  ...{ authTime: NOW, authMethod: 'test', at: NOW + DAY },
});
const thrown = (given: readonly ConsentEvent[], command: ConsentCommand) => {
  try {
    decided(given, command);
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'nothing';
};

describe('a consent', () => {
  it('is granted with all it says, and once', () => {
    expect(decided([], grant())).toEqual([granted]);
    expect(decided([granted], grant())).toEqual([]);
  });

  it('lasts 13 months at most, names its text, and follows a sign-in', () => {
    expect(thrown([], grant({ expiresAt: NOW + 398 * DAY }))).toBe('ERR_CONSENT_INVALID');
    expect(thrown([], grant({ expiresAt: NOW }))).toBe('ERR_CONSENT_INVALID');
    expect(thrown([], grant({ until: NOW + 398 * DAY }))).toBe('ERR_CONSENT_INVALID');
    expect(thrown([], grant({ textHash: 'short' }))).toBe('ERR_CONSENT_INVALID');
    expect(thrown([], grant({ authTime: NOW + 1 }))).toBe('ERR_CONSENT_INVALID');
    expect(thrown([], grant({ usagePoints: [] }))).toBe('ERR_CONSENT_INVALID');
    expect(thrown([], grant({ usagePoints: ['point-1', 'point-1'] }))).toBe('ERR_CONSENT_INVALID');
    expect(thrown([], grant({ consentId: 'x' }))).toBe('ERR_CONSENT_INVALID');
  });

  it('T8-P7: can be granted as fine as its purpose needs and no finer', () => {
    const finest: Record<ConsentPurpose, DataResolution | 'gate'> = {
      'bill-check': 'month',
      efficiency: 'day',
      'load-shifting': 'hour',
      research: 'gate',
    };
    const order: readonly DataResolution[] = ['month', 'day', 'hour', 'interval'];
    for (const [purpose, most] of Object.entries(finest) as [ConsentPurpose, DataResolution | 'gate'][]) {
      expect(PURPOSES[purpose].finest).toBe(most);
      for (const resolution of order) {
        const allowed = most !== 'gate' && order.indexOf(resolution) <= order.indexOf(most);
        expect([purpose, resolution, thrown([], grant({ purpose, resolution }))]).toEqual([
          purpose,
          resolution,
          allowed ? 'nothing' : 'ERR_CONSENT_RESOLUTION',
        ]);
      }
    }
  });

  it('is granted as it was requested, or less of it', () => {
    const { account: _, usagePoints: __, textHash: ___, authTime: ____, authMethod: _____, ...asked } = GRANTED;
    const requested = decided([], { type: 'RequestConsent', ...asked });
    expect(requested).toEqual([{ type: 'ConsentRequested', data: asked }]);
    expect(decided(requested, grant())).toEqual([granted]);
    expect(decided(requested, grant({ resolution: 'month', until: NOW }))).toHaveLength(1);
    expect(thrown(requested, grant({ from: GRANTED.from - 1 }))).toBe('ERR_CONSENT_WIDENED');
    expect(thrown(requested, grant({ dataClasses: ['usage', 'generation'] }))).toBe('ERR_CONSENT_WIDENED');
    expect(thrown(requested, grant({ recipient: 'another' }))).toBe('ERR_CONSENT_INVALID');
    expect(thrown(requested, grant({ purpose: 'load-shifting' }))).toBe('ERR_CONSENT_INVALID');
  });

  it('R9.3-4, J2: is narrowed and never widened', () => {
    expect(decided([granted], narrow({ resolution: 'month' }))).toHaveLength(1);
    expect(decided([granted], narrow({ usagePoints: ['point-2'] }))).toHaveLength(1);
    expect(decided([granted], narrow({}))).toEqual([]);
    for (const wider of [
      { resolution: 'hour' },
      { from: from - 1 },
      { until: until + 1 },
      { expiresAt: expiresAt + 1 },
      { dataClasses: ['usage', 'generation'] },
      { usagePoints: ['point-1', 'point-3'] },
      { usagePoints: [] },
      { dataClasses: [] },
    ] as const)
      expect(thrown([granted], narrow(wider))).toBe('ERR_CONSENT_WIDENED');
    expect(thrown([granted, revoked], narrow({ resolution: 'month' }))).toBe('ERR_CONSENT_ENDED');
  });

  it('is revoked once and for good', () => {
    expect(decided([granted], { type: 'RevokeConsent', by: 'customer', at: NOW + DAY })).toEqual([revoked]);
    expect(decided([granted, revoked], { type: 'RevokeConsent', by: 'customer', at: NOW + DAY })).toEqual([]);
    expect(thrown([granted, revoked], grant())).toBe('ERR_CONSENT_ENDED');
    expect(thrown([], { type: 'RevokeConsent', by: 'customer', at: NOW })).toBe('ERR_CONSENT_UNKNOWN');
  });

  it('expires when its time has come and not before', () => {
    expect(decided([granted], { type: 'ExpireConsent', at: expiresAt - 1 })).toEqual([]);
    expect(decided([granted], { type: 'ExpireConsent', at: expiresAt })).toEqual([expired]);
    expect(decided([granted, revoked], { type: 'ExpireConsent', at: expiresAt })).toEqual([]);
  });
});

describe('a disclosure', () => {
  const why = (given: readonly ConsentEvent[], ...asked: Parameters<typeof disclosing>) =>
    decided(given, disclosing(...asked)).map((event) => (event.type === 'DisclosureRefused' ? event.data.why : event.type));

  it('is recorded with what left, to whom and under which request', () => {
    expect(decided([granted], disclosing({}))).toEqual([
      {
        type: 'DataDisclosed',
        data: {
          ...{ recipient: 'brightly', requestId: 'r-1', via: 'pull', dataClasses: ['usage'], resolution: 'day' },
          ...{ from: NOW - 10 * DAY, until: NOW, usagePoints: ['point-1'], rows: 10, hash: 'cd'.repeat(32), at: NOW + HOUR },
        },
      },
    ]);
  });

  it('R9.3-4, J1: without, after a revoked and after an expired consent is none', () => {
    expect(why([], {})).toEqual([]);
    expect(why([granted, revoked], {})).toEqual(['consent-revoked']);
    expect(why([granted, expired], {}, expiresAt + 1)).toEqual(['consent-expired']);
    expect(why([granted], {}, expiresAt - 1)).toEqual(['DataDisclosed']);
    // Nobody has told the stream yet.
    expect(why([granted], {}, expiresAt)).toEqual(['consent-expired']);
  });

  it('R9.3-4, J2: longer, of other premises, of other data, or to somebody else is none', () => {
    expect(why([granted], { from: from - 1 })).toEqual(['window-exceeds-consent']);
    expect(why([granted], { until: until + 1 })).toEqual(['window-exceeds-consent']);
    expect(why([granted], { from: NOW, until: NOW })).toEqual(['window-exceeds-consent']);
    expect(why([granted], { usagePoints: ['point-1', 'point-3'] })).toEqual(['premises-not-granted']);
    expect(why([granted], { usagePoints: [] })).toEqual(['premises-not-granted']);
    expect(why([granted], { dataClasses: ['generation'] })).toEqual(['data-class-not-granted']);
    expect(why([granted], { recipient: 'another' })).toEqual(['consent-missing']);
  });

  it('T8-P7, J2: finer than the purpose or the consent is none', () => {
    expect(why([granted], { resolution: 'hour' })).toEqual(['resolution-exceeds-purpose']);
    const billCheck: ConsentEvent = { type: 'ConsentGranted', data: { ...GRANTED, purpose: 'bill-check', resolution: 'month' } };
    expect(why([billCheck], { resolution: 'interval' })).toEqual(['resolution-exceeds-purpose']);
    const monthly: ConsentEvent = { type: 'ConsentGranted', data: { ...GRANTED, resolution: 'month' } };
    expect(why([monthly], { resolution: 'day' })).toEqual(['resolution-exceeds-consent']);
    expect(why([granted], { resolution: 'month' })).toEqual(['DataDisclosed']);
  });

  it('that is refused again and again is recorded once a minute', () => {
    const [first] = decided([granted, revoked], disclosing({}));
    const given = [granted, revoked, first!];
    expect(decided(given, disclosing({}, NOW + HOUR + 59_999))).toEqual([]);
    expect(decided(given, disclosing({}, NOW + HOUR + 60_000))).toHaveLength(1);
    expect(decided(given, disclosing({ recipient: 'another' }, NOW + HOUR))).toHaveLength(1);
  });
});
