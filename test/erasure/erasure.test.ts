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
const ENDING: ErasureEvent = { type: 'AccessEndBegun', data: { at } };
const ACCESS_ENDED: ErasureEvent = { type: 'SubjectAccessEnded', data: { consents: 1, sessions: 2, signIns: 1, at } };
const BEGUN = (of: 'usage' | 'billing'): ErasureEvent => ({ type: 'KeyDestructionBegun', data: { of, at } });
const DESTROYED = (of: 'usage' | 'billing'): ErasureEvent => ({ type: 'SubjectKeysDestroyed', data: { of, rows: ['usage/acc-1/x'], at } });
const CLEARED: ErasureEvent = { type: 'ReadModelsCleared', data: { items: 3, at } };
const ERASED: ErasureEvent = {
  type: 'SubjectErased',
  data: { completeAt: GRACE + 35 * DAY, remaining: [{ what: 'backups', until: GRACE + 35 * DAY }], at },
};
const ALL = [REQUESTED, ENDING, ACCESS_ENDED, BEGUN('usage'), DESTROYED('usage'), CLEARED, ERASED, BEGUN('billing'), DESTROYED('billing')];

const folded = (given: readonly ErasureEvent[]) => given.reduce<ErasureState>(erasure.evolve, NO_ERASURE);
const when = (given: readonly ErasureEvent[], command: ErasureCommand) => erasure.decide(command, folded(given));
const code = (given: readonly ErasureEvent[], command: ErasureCommand) => {
  try {
    return when(given, command).map(({ type }) => type);
  } catch (error) {
    return (error as { code: string }).code;
  }
};

const BEGIN_END: ErasureCommand = { type: 'BeginAccessEnd', at };
const END: ErasureCommand = { type: 'EndAccess', consents: 0, sessions: 0, at };
const BEGIN: ErasureCommand = { type: 'BeginDestruction', of: 'usage', at };
const BEGIN_BILLS: ErasureCommand = { type: 'BeginDestruction', of: 'billing', at };
const HOLD: ErasureCommand = { type: 'PlaceHold', hold: 'court', legalBasis: 'an order', by: 'ann', at };

describe('an erasure', () => {
  it('goes step by step, each recorded once', () => {
    const remaining = [{ what: 'backups', until: GRACE + 35 * DAY }];
    const steps: readonly ErasureCommand[] = [
      { type: 'RequestErasure', account: 'acc-1', by: 'customer', notBefore: GRACE, at: NOW },
      BEGIN_END,
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
      if (n < 2) expect(code(given, END)).toBe('ERR_ERASURE_ORDER');
      if (n < 3) expect(code(given, BEGIN)).toBe('ERR_ERASURE_ORDER');
      if (n < 4) expect(code(given, { type: 'DestroyKeys', of: 'usage', rows: [], at })).toBe('ERR_ERASURE_ORDER');
      if (n < 5) expect(code(given, { type: 'ClearModels', items: 0, at })).toBe('ERR_ERASURE_ORDER');
      if (n < 6) expect(code(given, { type: 'NotifyRecipient', recipient: 'r', at })).toBe('ERR_ERASURE_ORDER');
      if (n < 6) expect(code(given, { type: 'Erase', remaining: [{ what: 'x', until: at }], at })).toBe('ERR_ERASURE_ORDER');
      if (n < 7) expect(code(given, BEGIN_BILLS)).toBe('ERR_ERASURE_ORDER');
      expect(code(given, { type: 'Complete', at: GRACE + 35 * DAY })).toBe('ERR_ERASURE_ORDER');
    }
    expect(code(ALL, { type: 'Complete', at: GRACE + 35 * DAY - 1 })).toBe('ERR_ERASURE_EARLY');
  });

  it('waits until nobody thinks again, and until law and contract let it', () => {
    expect(code([], BEGIN_END)).toBe('ERR_ERASURE_UNKNOWN');
    expect(code([REQUESTED], { ...BEGIN_END, at: GRACE - 1 })).toBe('ERR_ERASURE_EARLY');
    const deferred = (until?: number): ErasureEvent => ({
      type: 'ErasureDeferred',
      data: { class: 'usage', legalBasis: 'contract', ...(until === undefined ? {} : { until }), at: NOW },
    });
    expect(code([REQUESTED, deferred()], { ...BEGIN_END, at: 4e12 })).toBe('ERR_ERASURE_EARLY');
    expect(code([REQUESTED, deferred(GRACE + 5)], { ...BEGIN_END, at: GRACE + 4 })).toBe('ERR_ERASURE_EARLY');
    expect(code([REQUESTED, deferred(GRACE + 5)], { ...BEGIN_END, at: GRACE + 5 })).toEqual(['AccessEndBegun']);
    const bills: ErasureEvent = { type: 'ErasureDeferred', data: { class: 'billing', legalBasis: 'tax', until: GRACE + 9, at: NOW } };
    expect(code([REQUESTED, bills], BEGIN_END)).toEqual(['AccessEndBegun']);
    expect(code([REQUESTED, bills, ...ALL.slice(1, 7)], BEGIN_BILLS)).toBe('ERR_ERASURE_EARLY');
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

  it('a deferral by another law is another, and of keys that are going, or gone, there is none', () => {
    const defer: ErasureCommand = { type: 'DeferErasure', class: 'billing', legalBasis: 'tax', until: 5, at: NOW };
    const known = when([REQUESTED], defer);
    expect(code([REQUESTED, ...known], { ...defer, legalBasis: 'books' })).toEqual(['ErasureDeferred']);
    expect(code([REQUESTED, BEGUN('billing')], defer)).toEqual([]);
    expect(code([REQUESTED, BEGUN('usage')], defer)).toEqual(['ErasureDeferred']);
    expect(code([REQUESTED, { type: 'ErasureCompleted', data: { at } }], defer)).toEqual([]);
  });

  it('destroys what is left of a class, and records nothing where nothing was left', () => {
    const destroy = (rows: readonly string[]): ErasureCommand => ({ type: 'DestroyKeys', of: 'usage', rows, at });
    const given = ALL.slice(0, 4);
    expect(code(given, destroy([]))).toEqual(['SubjectKeysDestroyed']);
    expect(code([...given, DESTROYED('usage')], destroy([]))).toEqual([]);
    expect(code([...given, DESTROYED('usage')], destroy(['usage/acc-1/late']))).toEqual(['SubjectKeysDestroyed']);
  });

  it('goes on by the keys of the days alone, once, and by no event that it does not know', () => {
    expect(folded([REQUESTED, ACCESS_ENDED, DESTROYED('billing')]).status).toBe('access-ended');
    expect(folded(ALL).status).toBe('erased');
    expect(folded([...ALL, DESTROYED('usage')]).status).toBe('erased');
    const other = { type: 'ConsentExpired', data: { at } } as unknown as ErasureEvent;
    expect(folded([...ALL, other])).toEqual(folded(ALL));
  });

  it('tells each recipient once, when the read models are cleared', () => {
    const tell = (recipient: string): ErasureCommand => ({ type: 'NotifyRecipient', recipient, at });
    const told = when(ALL.slice(0, 6), tell('brightly'));
    expect(told).toEqual([{ type: 'RecipientNotified', data: { recipient: 'brightly', at } }]);
    const both = [...told, ...when([...ALL, ...told], tell('watt-advice'))];
    for (const recipient of ['brightly', 'watt-advice']) expect(when([...ALL, ...both], tell(recipient))).toEqual([]);
  });

  it('is complete with the last of what is left, and not while keys of either class are there', () => {
    const remaining = [9, 5].map((days) => ({ what: `for ${days}`, until: GRACE + days * DAY }));
    expect(when(ALL.slice(0, 6), { type: 'Erase', remaining, at })[0]).toMatchObject({ data: { completeAt: GRACE + 9 * DAY, remaining } });
    const complete: ErasureCommand = { type: 'Complete', at: GRACE + 35 * DAY };
    for (const given of [
      [ERASED, DESTROYED('usage')],
      [ERASED, DESTROYED('billing')],
      [DESTROYED('usage'), DESTROYED('billing')],
    ])
      expect(code(given, complete)).toBe('ERR_ERASURE_ORDER');
    expect(code([ERASED, DESTROYED('usage'), DESTROYED('billing')], complete)).toEqual(['ErasureCompleted']);
  });

  it('takes no command that there is not', () => {
    expect(code(ALL, { type: 'Forget' } as unknown as ErasureCommand)).toBe('ERR_COMMAND_UNKNOWN');
  });

  it('can be taken back until it begins, and be asked for anew', () => {
    const back: ErasureCommand = { type: 'WithdrawErasure', by: 'customer', at };
    expect(code([], back)).toEqual([]);
    expect(code([REQUESTED], back)).toEqual(['ErasureWithdrawn']);
    expect(folded([HELD, REQUESTED, ...when([REQUESTED], back)])).toMatchObject({ status: 'none', holds: new Map([['court', HELD.data]]) });
    for (const begun of [ENDING, ACCESS_ENDED]) expect(code([REQUESTED, begun], back)).toBe('ERR_ERASURE_BEGUN');
  });
});

describe('a legal hold', () => {
  it('stops whatever can not be taken back, whenever it comes before that', () => {
    expect(code([REQUESTED, HELD], BEGIN_END)).toBe('ERR_ERASURE_HELD');
    expect(code([HELD, REQUESTED], BEGIN_END)).toBe('ERR_ERASURE_HELD');
    expect(code([REQUESTED, ACCESS_ENDED, HELD], BEGIN)).toBe('ERR_ERASURE_HELD');
    expect(code([...ALL.slice(0, 7), HELD], BEGIN_BILLS)).toBe('ERR_ERASURE_HELD');
  });

  it('lets access end where that has begun, and keeps the keys then', () => {
    expect(code([REQUESTED, ENDING], HOLD)).toEqual(['LegalHoldPlaced']);
    expect(code([REQUESTED, ENDING, HELD], END)).toEqual(['SubjectAccessEnded']);
    expect(code([REQUESTED, ENDING, HELD, ACCESS_ENDED], BEGIN)).toBe('ERR_ERASURE_HELD');
  });

  it('comes too late only when nothing is left to hold', () => {
    expect(code([REQUESTED, ACCESS_ENDED, BEGUN('usage')], HOLD)).toEqual(['LegalHoldPlaced']);
    expect(code([BEGUN('billing')], HOLD)).toEqual(['LegalHoldPlaced']);
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
    expect(code([REQUESTED, HELD, ...released], BEGIN_END)).toEqual(['AccessEndBegun']);
  });

  it('is released alone: others stand, and those released before do not come back', () => {
    const other: ErasureEvent = { type: 'LegalHoldPlaced', data: { ...HELD.data, hold: 'police' } as never };
    const released = (hold: string): ErasureEvent => ({ type: 'LegalHoldReleased', data: { hold, by: 'bob', at } });
    expect([...folded([HELD, other, released('court')]).holds.keys()]).toEqual(['police']);
    const none = [HELD, other, released('court'), released('police')];
    expect(folded(none).holds.size).toBe(0);
    for (const hold of ['court', 'police']) expect(code(none, { ...HOLD, hold } as ErasureCommand)).toBe('ERR_HOLD_INVALID');
  });
});

describe('what an erasure leaves behind', () => {
  it('is told by name where two end at once', () => {
    const instants = { 'tenancy-end': 0, 'usage-destroyed': 0, 'billing-destroyed': 0 };
    const named = (names: readonly string[]) => names.map((what) => ({ what, since: 'tenancy-end' as const, days: 1 }));
    for (const names of [
      ['a', 'b', 'c'],
      ['c', 'b', 'a'],
      ['b', 'c', 'a'],
    ])
      expect(remainingOf(named(names), instants).map(({ what }) => what)).toEqual(['a', 'b', 'c']);
  });

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
