import { describe, expect, test } from 'vitest';
import { LINGERING } from '../../topology/personal-data.ts';
import { remainsWords, t } from '../../web/portal/views/erasure/messages.ts';
import { canBeTakenBack, standingOf } from '../../web/portal/views/erasure/standing.ts';

describe('where an erasure is', () => {
  test.each([
    ['none', null, 'none', false],
    ['requested', 'hold', 'hold', true],
    ['requested', 'tenancy', 'tenancy', true],
    ['requested', 'grace', 'grace', true],
    ['requested', 'law', 'law', true],
    ['requested', null, 'due', true],
    ['access-ending', 'hold', 'hold', false],
    ['access-ending', null, 'begun', false],
    ['access-ended', 'hold', 'hold', false],
    ['access-ended', null, 'begun', false],
    ['keys-destroyed', null, 'begun', false],
    ['cleared', null, 'begun', false],
    // What law or a hold keeps then are the bills.
    ['erased', 'law', 'erased', false],
    ['erased', 'hold', 'erased', false],
    ['erased', null, 'erased', false],
    ['complete', null, 'complete', false],
  ] as const)('%s and kept by %s is %s', (status, waitsFor, standing, open) => {
    expect([standingOf({ status, waitsFor }), canBeTakenBack({ status })]).toEqual([standing, open]);
  });

  test('what is left somewhere has a name for customers, and what has none stands as the service calls it', () => {
    expect(LINGERING.length).toBeGreaterThan(3);
    for (const { what } of LINGERING) expect(remainsWords(what)).toBe(t(`what.${what}` as 'what.days'));
    expect(remainsWords('moon-base')).toBe('moon-base');
  });
});
