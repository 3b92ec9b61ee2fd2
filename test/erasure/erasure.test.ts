import { describe, expect, it } from 'vitest';
import { type ErasureCommand, erasure } from '../../domain/erasure/erasure.ts';
import { type ErasureState, NO_ERASURE } from '../../domain/erasure/erasure-state.ts';
import { remainingOf } from '../../domain/erasure/outlook.ts';
import type { ErasureEvent } from '../../events/index.ts';

const DAY = 86_400_000;
const [NOW, GRACE] = [100 * DAY, 107 * DAY];
const at = GRACE;

const REQUESTED: ErasureEvent = { type: 'ErasureRequested', data: { account: 'acc-1', by: 'customer', notBefore: GRACE, at: NOW } };
const HELD: ErasureEvent = { type: 'LegalHoldPlaced', data: { hold: 'court', legalBasis: 'an order', by: 'ann', at: NOW } };
const ACCESS_ENDED: ErasureEvent = { type: 'SubjectAccessEnded', data: { consents: 1, sessions: 2, signIns: 1, at } };
const BEGUN = (of: 'usage' | 'billing'): ErasureEvent => ({ type: 'KeyDestructionBegun', data: { of, at } });
const DESTROYED = (of: 'usage' | 'billing'): ErasureEvent => ({ type: 'SubjectKeysDestroyed', data: { of, rows: ['usage/acc-1/x'], at } });
const CLEARED: ErasureEvent = { type: 'ReadModelsCleared', data: { items: 3, at } };
const ERASED: ErasureEvent = {
  type: 'SubjectErased',
  data: { completeAt: GRACE + 35 * DAY, remaining: [{ what: 'backups', until: GRACE + 35 * DAY }], at },
};
const ALL = [REQUESTED, ACCESS_ENDED, BEGUN('usage'), DESTROYED('usage'), CLEARED, ERASED, BEGUN('billing'), DESTROYED('billing')];

const folded = (given: readonly ErasureEvent[]) => given.reduce<ErasureState>(erasure.evolve, NO_ERASURE);
const when = (given: readonly ErasureEvent[], command: ErasureCommand) => erasure.decide(command, folded(given));
const code = (given: readonly ErasureEvent[], command: ErasureCommand) => {
  try {
    return when(given, command).map(({ type }) => type);
  } catch (error) {
    return (error as { code: string }).code;
  }
};

const END: ErasureCommand = { type: 'EndAccess', consents: 0, sessions: 0, at };
const BEGIN: ErasureCommand = { type: 'BeginDestruction', of: 'usage', at };
const BEGIN_BILLS: ErasureCommand = { type: 'BeginDestruction', of: 'billing', at };
const HOLD: ErasureCommand = { type: 'PlaceHold', hold: 'court', legalBasis: 'an order', by: 'ann', at };

describe('an erasure', () => {
  it('goes step by step, each recorded once', () => {
    const remaining = [{ what: 'backups', until: GRACE + 35 * DAY }];
    const steps: readonly ErasureCommand[] = [
      { type: 'RequestErasure', account: 'acc-1', by: 'customer', notBefore: GRACE, at: NOW },
      { type: 'EndAccess', consents: 1, sessions: 2, signIns: 1, at },
      BEGIN,
      { type: 'DestroyKeys', of: 'usage', rows: ['usage/acc-1/x'], at },
      { type: 'ClearModels', items: 3, at },
      { type: 'Erase', remaining, at },
      BEGIN_BILLS,
      { type: 'DestroyKeys', of: 'billing', rows: ['usage/acc-1/x'], at },
      { type: 'Complete', at: GRACE + 35 * DAY },
    ];
    const recorded: ErasureEvent[] = [];
    for (const step of steps) {
      recorded.push(...when(recorded, step));
      if (step.type !== 'DestroyKeys') expect(when(recorded, step)).toEqual([]);
    }
    expect(recorded.slice(0, -1)).toEqual(ALL);
    expect(folded(recorded)).toMatchObject({ status: 'complete', completedAt: GRACE + 35 * DAY });
  });

  it('takes no step before the one before it', () => {
    for (let n = 0; n < ALL.length; n++) {
      const given = ALL.slice(0, n);
      if (n < 2) expect(code(given, BEGIN)).toBe('ERR_ERASURE_ORDER');
      if (n < 3) expect(code(given, { type: 'DestroyKeys', of: 'usage', rows: [], at })).toBe('ERR_ERASURE_ORDER');
      if (n < 4) expect(code(given, { type: 'ClearModels', items: 0, at })).toBe('ERR_ERASURE_ORDER');
      if (n < 5) expect(code(given, { type: 'NotifyRecipient', recipient: 'r', at })).toBe('ERR_ERASURE_ORDER');
      if (n < 5) expect(code(given, { type: 'Erase', remaining: [{ what: 'x', until: at }], at })).toBe('ERR_ERASURE_ORDER');
      if (n < 6) expect(code(given, BEGIN_BILLS)).toBe('ERR_ERASURE_ORDER');
      expect(code(given, { type: 'Complete', at: GRACE + 35 * DAY })).toBe('ERR_ERASURE_ORDER');
    }
    expect(code(ALL, { type: 'Complete', at: GRACE + 35 * DAY - 1 })).toBe('ERR_ERASURE_EARLY');
  });

  it('waits until nobody thinks again, and until law and contract let it', () => {
    expect(code([], END)).toBe('ERR_ERASURE_UNKNOWN');
    expect(code([REQUESTED], { ...END, at: GRACE - 1 })).toBe('ERR_ERASURE_EARLY');
    const deferred = (until?: number): ErasureEvent => ({
      type: 'ErasureDeferred',
      data: { class: 'usage', legalBasis: 'contract', ...(until === undefined ? {} : { until }), at: NOW },
    });
    expect(code([REQUESTED, deferred()], { ...END, at: 4e12 })).toBe('ERR_ERASURE_EARLY');
    expect(code([REQUESTED, deferred(GRACE + 5)], { ...END, at: GRACE + 4 })).toBe('ERR_ERASURE_EARLY');
    expect(code([REQUESTED, deferred(GRACE + 5)], { ...END, at: GRACE + 5 })).toEqual(['SubjectAccessEnded']);
    const bills: ErasureEvent = { type: 'ErasureDeferred', data: { class: 'billing', legalBasis: 'tax', until: GRACE + 9, at: NOW } };
    expect(code([REQUESTED, bills], END)).toEqual(['SubjectAccessEnded']);
    expect(code([REQUESTED, bills, ...ALL.slice(1, 6)], BEGIN_BILLS)).toBe('ERR_ERASURE_EARLY');
  });

  it('a deferral is recorded when it changes, and not before somebody asked', () => {
    const defer: ErasureCommand = { type: 'DeferErasure', class: 'usage', legalBasis: 'contract', until: 5, at: NOW };
    expect(code([], defer)).toEqual([]);
    expect(code([REQUESTED], defer)).toEqual(['ErasureDeferred']);
    const known = when([REQUESTED], defer);
    expect(code([REQUESTED, ...known], defer)).toEqual([]);
    expect(code([REQUESTED, ...known], { ...defer, until: 6 })).toEqual(['ErasureDeferred']);
    expect(code(ALL, defer)).toEqual([]);
  });

  it('can be taken back until it begins, and be asked for anew', () => {
    const back: ErasureCommand = { type: 'WithdrawErasure', by: 'customer', at };
    expect(code([], back)).toEqual([]);
    expect(code([REQUESTED], back)).toEqual(['ErasureWithdrawn']);
    expect(folded([HELD, REQUESTED, ...when([REQUESTED], back)])).toMatchObject({ status: 'none', holds: new Map([['court', HELD.data]]) });
    expect(code([REQUESTED, ACCESS_ENDED], back)).toBe('ERR_ERASURE_BEGUN');
  });
});

describe('a legal hold', () => {
  it('stops whatever can not be taken back, whenever it comes before that', () => {
    expect(code([REQUESTED, HELD], END)).toBe('ERR_ERASURE_HELD');
    expect(code([HELD, REQUESTED], END)).toBe('ERR_ERASURE_HELD');
    expect(code([REQUESTED, ACCESS_ENDED, HELD], BEGIN)).toBe('ERR_ERASURE_HELD');
    expect(code([...ALL.slice(0, 6), HELD], BEGIN_BILLS)).toBe('ERR_ERASURE_HELD');
  });

  it('comes too late only when nothing is left to hold', () => {
    expect(code([REQUESTED, ACCESS_ENDED, BEGUN('usage')], HOLD)).toEqual(['LegalHoldPlaced']);
    expect(code(ALL, HOLD)).toBe('ERR_ERASURE_BEGUN');
    expect(code([HELD], HOLD)).toEqual([]);
  });

  it('says by what law, and is released by somebody else than who placed it', () => {
    expect(code([], { ...HOLD, legalBasis: ' ' })).toBe('ERR_HOLD_INVALID');
    expect(code([], { ...HOLD, hold: 'a b' })).toBe('ERR_HOLD_INVALID');
    expect(code([HELD], { type: 'ReleaseHold', hold: 'court', by: 'ann', at })).toBe('ERR_SECOND_PERSON');
    expect(code([HELD], { type: 'ReleaseHold', hold: 'other', by: 'bob', at })).toBe('ERR_HOLD_UNKNOWN');
    const released = when([HELD], { type: 'ReleaseHold', hold: 'court', by: 'bob', at });
    expect(released.map(({ type }) => type)).toEqual(['LegalHoldReleased']);
    expect(code([HELD, ...released], { type: 'ReleaseHold', hold: 'court', by: 'bob', at })).toEqual([]);
    expect(code([HELD, ...released], HOLD)).toBe('ERR_HOLD_INVALID');
    expect(code([REQUESTED, HELD, ...released], END)).toEqual(['SubjectAccessEnded']);
  });
});

describe('what an erasure leaves behind', () => {
  it('counts from the end of the tenancy, or from when its keys went, the last of it last', () => {
    const lingering = [
      { what: 'bills', since: 'billing-destroyed', days: 1 },
      { what: 'telemetry', since: 'tenancy-end', days: 100 },
      { what: 'backups', since: 'usage-destroyed', days: 35 },
    ] as const;
    const instants = { 'tenancy-end': 0, 'usage-destroyed': 60 * DAY, 'billing-destroyed': 4_000 * DAY };
    expect(remainingOf(lingering, instants)).toEqual([
      { what: 'backups', until: 95 * DAY },
      { what: 'telemetry', until: 100 * DAY },
      { what: 'bills', until: 4_001 * DAY },
    ]);
  });
});
