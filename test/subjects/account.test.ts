import { describe, expect, it } from 'vitest';
import { type AccountCommand, type AccountState, account, tenancyOf } from '../../domain/account/account.ts';
import type { AccountEvent, DomainEvent } from '../../events/index.ts';
import { DAY, decided, MIDNIGHT, refusal, stateAfter } from './given.ts';

const at = MIDNIGHT;
const OPENED: AccountEvent = { type: 'AccountOpened', data: { accountId: 'acc-1', at } };
const started = (from: number): AccountEvent => ({ type: 'TenancyStarted', data: { usagePoint: 'up-1', from, at } });
const ended = (until: number): AccountEvent => ({ type: 'TenancyEnded', data: { usagePoint: 'up-1', until, at } });
const given = (...past: DomainEvent[]) => ({
  when: (command: AccountCommand) => decided(account, [OPENED, ...past], command),
  refuses: (command: AccountCommand) => refusal(account, [OPENED, ...past], command),
  state: (): AccountState => stateAfter(account, OPENED, ...past),
});
const start = (from: number): AccountCommand => ({ type: 'StartTenancy', usagePoint: 'up-1', from, at });
const end = (until: number): AccountCommand => ({ type: 'EndTenancy', usagePoint: 'up-1', until, at });

describe('an account', () => {
  it('is opened once, under an id that a key row can carry', () => {
    expect(decided(account, [], { type: 'OpenAccount', accountId: 'acc-1', at })).toEqual([OPENED]);
    expect(given().when({ type: 'OpenAccount', accountId: 'acc-1', at })).toEqual([]);
    for (const accountId of ['', 'a/b', 'utility', 'x'.repeat(65)]) {
      expect(refusal(account, [], { type: 'OpenAccount', accountId, at })).toBe('ERR_ACCOUNT_ID');
    }
    expect(refusal(account, [], start(MIDNIGHT))).toBe('ERR_ACCOUNT_UNKNOWN');
  });

  it('has tenancies that start and end, each once', () => {
    expect(given().when(start(MIDNIGHT))).toEqual([started(MIDNIGHT)]);
    expect(given(started(MIDNIGHT)).when(start(MIDNIGHT))).toEqual([]);
    expect(given(started(MIDNIGHT)).when(end(MIDNIGHT + DAY))).toEqual([ended(MIDNIGHT + DAY)]);
    expect(given(started(MIDNIGHT), ended(MIDNIGHT + DAY)).when(end(MIDNIGHT + DAY))).toEqual([]);
    const state = given(started(MIDNIGHT), ended(MIDNIGHT + DAY), started(MIDNIGHT + 2 * DAY)).state();
    expect(tenancyOf(state, 'up-1')).toEqual([{ from: MIDNIGHT, until: MIDNIGHT + DAY }, { from: MIDNIGHT + 2 * DAY }]);
    expect(tenancyOf(state, 'toString')).toEqual([]);
  });

  it('has no two tenancies of one usage point at once, and none that ends before it starts', () => {
    expect(given(started(MIDNIGHT)).refuses(start(MIDNIGHT + DAY))).toBe('ERR_TENANCY_ORDER');
    expect(given(started(MIDNIGHT)).refuses(end(MIDNIGHT))).toBe('ERR_TENANCY_ORDER');
    expect(given().refuses(end(MIDNIGHT))).toBe('ERR_TENANCY_ORDER');
  });

  it('takes the spans that a correction leaves it', () => {
    const spans = [{ from: MIDNIGHT, until: MIDNIGHT + DAY }];
    const amended = given(started(MIDNIGHT)).when({ type: 'AmendTenancy', usagePoint: 'up-1', spans, at });
    expect(tenancyOf(given(started(MIDNIGHT), ...amended).state(), 'up-1')).toEqual(spans);
    expect(given(started(MIDNIGHT), ...amended).when({ type: 'AmendTenancy', usagePoint: 'up-1', spans, at })).toEqual([]);
  });

  it('is closed when no tenancy lasts, and starts none afterwards', () => {
    expect(given(started(MIDNIGHT)).refuses({ type: 'CloseAccount', at })).toBe('ERR_TENANCY_LASTS');
    const closed = given(started(MIDNIGHT), ended(MIDNIGHT + DAY)).when({ type: 'CloseAccount', at });
    expect(closed).toEqual([{ type: 'AccountClosed', data: { at } }]);
    expect(given(...closed).when({ type: 'CloseAccount', at })).toEqual([]);
    expect(given(...closed).refuses(start(MIDNIGHT))).toBe('ERR_ACCOUNT_CLOSED');
  });
});
