import { describe, expect, it } from 'vitest';
import { type ConsentCommand, consentDecider, type RefuseDisclosure } from '../../domain/consent/consent.ts';
import type { ConsentState } from '../../domain/consent/consent-state.ts';
import { covers } from '../../domain/consent/covers.ts';
import { isFiner, PURPOSES, RESOLUTIONS, servesPurpose } from '../../domain/consent/purposes.ts';
import type { ConsentEvent, ConsentRequested, DisclosureRefused } from '../../events/index.ts';
import { DAY, decided, decider, disclosing, GRANTED, HOUR, NOW, REQUEST } from './given.ts';

const LONGEST = 397 * DAY;
const RULES = { consentAtDelivery: true, purposeResolution: true };
const { account: _, usagePoints: __, textHash: ___, authTime: ____, authMethod: _____, ...ASKED } = GRANTED;
const granted: ConsentEvent = { type: 'ConsentGranted', data: GRANTED };
const requested: ConsentEvent = { type: 'ConsentRequested', data: ASKED };
const revoked: ConsentEvent = { type: 'ConsentRevoked', data: { by: 'customer', at: NOW + DAY } };
const expired: ConsentEvent = { type: 'ConsentExpired', data: { at: GRANTED.expiresAt } };
const folded = (given: readonly ConsentEvent[]) => given.reduce<ConsentState>(decider.evolve, decider.initial);
const granting = (changes: Partial<typeof GRANTED> = {}): ConsentCommand => ({ type: 'GrantConsent', ...GRANTED, ...changes });
const asking = (changes: Partial<ConsentRequested> = {}): ConsentCommand => ({ type: 'RequestConsent', ...ASKED, ...changes });
const { from, until, expiresAt, usagePoints, dataClasses, resolution } = GRANTED;
const narrowing = (changes: object, at = NOW + DAY): ConsentCommand => ({
  ...{ type: 'NarrowConsent', dataClasses, resolution, from, until, expiresAt, usagePoints, authTime: NOW, authMethod: 'test', at },
  ...changes,
});
const refusing = (at = NOW + HOUR): RefuseDisclosure => ({ type: 'RefuseDisclosure', request: REQUEST, requestId: 'r-2', via: 'push', at });
const refusedAs = (data: Partial<DisclosureRefused>): ConsentEvent => ({
  type: 'DisclosureRefused',
  data: {
    ...{ recipient: 'brightly', requestId: 'r-1', via: 'pull', why: 'consent-revoked', resolution: 'day', from, until, at: NOW },
    ...data,
  },
});
const invalid = expect.objectContaining({ code: 'ERR_CONSENT_INVALID' });

describe('a consent, at its edges', () => {
  it('names 1 to 200 usage points', () => {
    const points = (count: number) => Array.from({ length: count }, (_, i) => `point-${i}`);
    expect(decided([], granting({ usagePoints: points(200) }))).toHaveLength(1);
    expect(() => decided([], granting({ usagePoints: points(201) }))).toThrow(invalid);
  });

  it.each([
    ['the longest that is allowed', { expiresAt: NOW + LONGEST, until: NOW + LONGEST }, true],
    ['a millisecond longer', { expiresAt: NOW + LONGEST + 1 }, false],
    ['data of a millisecond later', { until: NOW + LONGEST + 1 }, false],
    ['a window of nothing', { from: NOW, until: NOW }, false],
    ['a window that ends before it begins', { from: NOW, until: NOW - 1 }, false],
    ['a sign-in of the same millisecond', { authTime: NOW }, true],
    ['no class of data', { dataClasses: [] }, false],
    ['a class of data twice', { dataClasses: ['usage', 'usage'] }, false],
    ['an id that begins with a blank', { consentId: ` ${GRANTED.consentId}` }, false],
    ['an id that ends with a line', { consentId: `${GRANTED.consentId}\n.` }, false],
    ['an id of 16', { consentId: 'a'.repeat(16) }, true],
    ['an id of 15', { consentId: 'a'.repeat(15) }, false],
    ['an id of 64', { consentId: 'a'.repeat(64) }, true],
    ['an id of 65', { consentId: 'a'.repeat(65) }, false],
    ['a hash with something before it', { textHash: `0${GRANTED.textHash}` }, false],
    ['a hash with something behind it', { textHash: `${GRANTED.textHash}0` }, false],
  ] as const)('%s: %j', (_, changes, holds) => {
    const command = granting(changes as Partial<typeof GRANTED>);
    if (holds) expect(decided([], command)).toHaveLength(1);
    else expect(() => decided([], command)).toThrow(invalid);
  });

  it('is requested once, as it could be granted', () => {
    expect(decided([], asking())).toEqual([requested]);
    expect(decided([requested], asking())).toEqual([]);
    expect(decided([granted], asking())).toEqual([]);
    expect(() => decided([], asking({ consentId: 'short' }))).toThrow(invalid);
    expect(() => decided([], asking({ from: until }))).toThrow(invalid);
    expect(() => decided([], asking({ resolution: 'interval' }))).toThrow(expect.objectContaining({ code: 'ERR_CONSENT_RESOLUTION' }));
  });

  it('that was granted to one is not granted to another', () => {
    const ended = expect.objectContaining({ code: 'ERR_CONSENT_ENDED' });
    expect(() => decided([granted], granting({ account: 'acc-2' }))).toThrow(ended);
    expect(() => decided([granted], granting({ recipient: 'another' }))).toThrow(ended);
    expect(() => decided([granted, expired], granting())).toThrow(ended);
  });

  it('that was only requested is no consent: nobody ends, narrows or uses it', () => {
    const unknown = expect.objectContaining({ code: 'ERR_CONSENT_UNKNOWN' });
    for (const command of [
      { type: 'RevokeConsent', by: 'customer', at: NOW },
      { type: 'ExpireConsent', at: expiresAt },
      narrowing({}),
    ] as const)
      for (const given of [[], [requested]]) expect(() => decided(given, command as ConsentCommand)).toThrow(unknown);
    expect(covers(folded([requested]), REQUEST, NOW, RULES)).toBe('consent-missing');
    expect(decided([requested], disclosing({}))).toEqual([]);
    expect(decided([requested], refusing())).toEqual([]);
    for (const event of [revoked, expired, refusedAs({})]) {
      expect(folded([event])).toEqual({ status: 'unknown' });
      expect(folded([requested, event])).toEqual({ status: 'requested', ...ASKED });
    }
  });

  it('is narrowed to a window that begins before it ends, while it lasts', () => {
    expect(() => decided([granted], narrowing({ from: until, until }))).toThrow(invalid);
    expect(() => decided([granted], narrowing({ from: until, until: until - 1 }))).toThrow(invalid);
    expect(decided([granted], narrowing({ until: until - 1 }, expiresAt - 1))).toHaveLength(1);
    expect(() => decided([granted], narrowing({ until: until - 1 }, expiresAt))).toThrow(
      expect.objectContaining({ code: 'ERR_CONSENT_ENDED' }),
    );
  });

  it('R9.3-4: is from then on what was left of it, and its end is on record', () => {
    const narrowed = decided([granted], narrowing({ until: NOW, usagePoints: ['point-2'] }));
    const { at: _at, authTime: _time, authMethod: _method, ...scope } = GRANTED;
    expect(folded([granted, ...narrowed])).toEqual({
      ...{ ...scope, at: NOW, authTime: GRANTED.authTime, authMethod: 'test', status: 'granted', refusals: [], accesses: 0 },
      ...{ until: NOW, usagePoints: ['point-2'] },
    });
    expect(folded([granted, revoked])).toMatchObject({ status: 'revoked', endedAt: NOW + DAY });
    expect(folded([granted, expired])).toMatchObject({ status: 'expired', endedAt: expiresAt });
    const pull = { type: 'DataDisclosed', data: { at: NOW + HOUR } as never } as const;
    expect(folded([granted, pull, pull])).toEqual({ ...folded([granted]), accesses: 2, lastAccessAt: NOW + HOUR });
  });

  it('a command that nobody knows is refused by its code', () => {
    expect(() => decided([granted], { type: 'WidenConsent' } as never)).toThrow(expect.objectContaining({ code: 'ERR_COMMAND_UNKNOWN' }));
  });
});

describe('refusals of a consent', () => {
  it('are recorded without any rows, and not while the consent covers what was asked', () => {
    expect(decided([granted], refusing())).toEqual([]);
    expect(decided([granted, revoked], refusing())).toEqual([
      {
        type: 'DisclosureRefused',
        data: {
          ...{ recipient: 'brightly', requestId: 'r-2', via: 'push', why: 'consent-revoked', resolution: 'day' },
          ...{ from: REQUEST.from, until: REQUEST.until, at: NOW + HOUR },
        },
      },
    ]);
  });

  it('are remembered by recipient and reason: the newest of each, sixteen in all', () => {
    const refusals = (given: readonly ConsentEvent[]) =>
      (folded([granted, ...given]) as { refusals: readonly DisclosureRefused[] }).refusals;
    const one = refusedAs({ recipient: 'a', why: 'consent-missing', at: NOW });
    const again = refusedAs({ recipient: 'a', why: 'consent-missing', at: NOW + 60_000 });
    const other = refusedAs({ recipient: 'b', why: 'consent-missing', at: NOW });
    const third = refusedAs({ recipient: 'a', why: 'consent-revoked', at: NOW });
    expect(refusals([one, other, third, again])).toEqual([other.data, third.data, again.data]);
    const many = Array.from({ length: 20 }, (_, i) => refusedAs({ recipient: `r-${i}` }));
    expect(refusals(many)).toEqual(many.slice(4).map(({ data }) => data));
  });

  it('of another recipient or for another reason are recorded within the minute', () => {
    const given = [granted, revoked, refusedAs({ at: NOW + HOUR })];
    expect(decided(given, refusing())).toEqual([]);
    expect(decided([granted, revoked, refusedAs({ at: NOW + HOUR, recipient: 'another' })], refusing())).toHaveLength(1);
    expect(decided([granted, revoked, refusedAs({ at: NOW + HOUR, why: 'consent-expired' })], refusing())).toHaveLength(1);
  });
});

describe('what a consent covers', () => {
  it('is nothing once it is recorded as expired, whatever a clock says', () => {
    expect(covers(folded([granted, expired]), REQUEST, NOW, RULES)).toBe('consent-expired');
  });

  it('is as fine and as late as asked where a mechanism is off, and only there', () => {
    const hourly = { ...REQUEST, resolution: 'hour' as const };
    expect(covers(folded([granted]), hourly, NOW, RULES)).toBe('resolution-exceeds-purpose');
    expect(covers(folded([granted]), hourly, NOW, { ...RULES, purposeResolution: false })).toBe('allowed');
    expect(covers(folded([granted, revoked]), REQUEST, NOW, { ...RULES, consentAtDelivery: false })).toBe('allowed');
    expect(covers(folded([granted]), REQUEST, expiresAt, { ...RULES, consentAtDelivery: false })).toBe('allowed');
    const off = consentDecider({ ...RULES, purposeResolution: false });
    expect(off.decide(granting({ resolution: 'interval' }), off.initial)).toHaveLength(1);
  });

  it('T8-P7: resolutions go from month to interval, and nothing serves research', () => {
    const pairs = RESOLUTIONS.flatMap((one, i) => RESOLUTIONS.map((other, j) => [isFiner(one, other), i > j]));
    for (const [isOne, shouldBe] of pairs) expect(isOne).toBe(shouldBe);
    expect(RESOLUTIONS).toEqual(['month', 'day', 'hour', 'interval']);
    expect(RESOLUTIONS.some((one) => servesPurpose('research', one))).toBe(false);
  });

  it('every purpose says to the customer what it is for', () => {
    const texts = Object.values(PURPOSES).map(({ text }) => text);
    expect(new Set(texts).size).toBe(4);
    for (const text of texts) expect(text).toMatch(/^\w+ .* \w+$/);
  });
});
