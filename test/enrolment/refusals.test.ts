import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { meter } from '../../domain/enrolment/meter.ts';
import { mayAnswer } from '../../domain/enrolment/refusals.ts';
import { DAY, HOUR, installed, MINUTE, T0 } from './facts.ts';
import { given } from './given.ts';

const hash = (n: number) => createHash('sha256').update(String(n)).digest();
const refuse = (n: number, at = T0, answer?: Buffer) => ({
  type: 'RefuseHello' as const,
  reason: 'not-authentic',
  hash: hash(n),
  at,
  ...(answer && { answer }),
});
const answer = Buffer.from('epoch-is');

describe('refused HELLOs of a meter', () => {
  it('are recorded once per input and day', () => {
    given(meter, installed)
      .when(refuse(1), refuse(1, T0 + MINUTE))
      .thenTypes('EpochRefused');
    given(meter, installed)
      .when(refuse(1), refuse(1, T0 + DAY))
      .thenTypes('EpochRefused', 'EpochRefused');
  });

  it('C10.1-8: are recorded 8 times a day, then only counted elsewhere', () => {
    const flood = Array.from({ length: 100 }, (_, n) => refuse(n));
    given(meter, installed)
      .when(...flood)
      .thenTypes(...Array.from({ length: 8 }, () => 'EpochRefused'));
    given(meter, installed)
      .when(...flood, refuse(1, T0 + HOUR), refuse(1, T0 + DAY))
      .thenTypes(...Array.from({ length: 9 }, () => 'EpochRefused'));
  });

  it('D2: are answered at most once in 10 minutes', () => {
    given(meter, installed)
      .when(refuse(1, T0, answer), refuse(2, T0 + 9 * MINUTE, answer), refuse(3, T0 + 10 * MINUTE, answer))
      .thenEvents(
        { type: 'EpochRefused', data: { reason: 'not-authentic', hash: hash(1), answer, at: T0 } },
        { type: 'EpochRefused', data: { reason: 'not-authentic', hash: hash(2), at: T0 + 9 * MINUTE } },
        { type: 'EpochRefused', data: { reason: 'not-authentic', hash: hash(3), answer, at: T0 + 10 * MINUTE } },
      );
    const { state } = given(meter, [...installed, { type: 'EpochRefused', data: { reason: 'x', hash: hash(1), answer, at: T0 } }]);
    if (state.status !== 'active') throw new Error('active expected');
    expect([mayAnswer(state.refusals, T0 + 10 * MINUTE - 1), mayAnswer(state.refusals, T0 + 10 * MINUTE)]).toEqual([false, true]);
  });

  it('C10.1-8: take no answer from a meter that can prove who it is, and few of those are given', () => {
    const flood = Array.from({ length: 100 }, (_, n) => refuse(n));
    given(meter, installed)
      .when(...flood, refuse(200, T0 + MINUTE, answer))
      .thenTypes(...Array.from({ length: 9 }, () => 'EpochRefused'));
    // the same recorded HELLO, replayed every minute for two days
    const midnight = Math.ceil(T0 / DAY) * DAY;
    const replays = Array.from({ length: 2 * 1440 }, (_, minute) => refuse(1, midnight + minute * MINUTE, answer));
    let { state } = given(meter, installed);
    let events = 0;
    for (const command of replays) {
      const decided = meter.decide(command, state);
      events += decided.length;
      state = decided.reduce(meter.evolve, state);
    }
    expect(events).toBeGreaterThan(48);
    expect(events).toBeLessThan(2 * (6 + 24));
  });

  it('of a retired meter leave no trace with the meter', () => {
    given(meter, [...installed, { type: 'MeterRetired', data: { at: T0 } }])
      .when(refuse(1))
      .thenNothing();
  });
});
