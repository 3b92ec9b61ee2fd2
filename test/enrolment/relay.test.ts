import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RelayCommand, relay } from '../../domain/enrolment/relay.ts';
import { relayServes } from '../../domain/enrolment/relays.ts';
import type { JunkCounted, RelayEvent } from '../../events/index.ts';
import { DAY, HOUR, MINUTE, T0 } from './facts.ts';
import { given } from './given.ts';

const registered: RelayEvent = { type: 'RelayRegistered', data: { dcId: 'north-1', fingerprint: 'aa', at: T0 } };

function junk(sequence: number, brokerTime = T0, raws = 1): JunkCounted {
  const digest = createHash('sha256').update(String(sequence)).digest().subarray(0, 8);
  const bytes = Array.from({ length: raws }, (_, i) => Buffer.from([sequence & 0xff, i]));
  return { batch: { dcId: 'north-1', sequence, digest }, brokerTime, counts: { 'unknown-meter': raws }, hashes: bytes, raws: bytes };
}
const count = (sequence: number, brokerTime?: number, raws?: number) => ({
  type: 'CountJunk' as const,
  ...junk(sequence, brokerTime, raws),
});

describe('a concentrator', () => {
  it('is registered once per certificate', () => {
    const register = { type: 'RegisterRelay', dcId: 'north-1', fingerprint: 'aa', at: T0 } as const;
    given(relay, []).when(register, register).thenEvents(registered);
    given(relay, [registered])
      .when({ ...register, fingerprint: 'bb' })
      .thenTypes('RelayRegistered');
  });

  it('C10.1-8: has its junk counted once, however often a batch is delivered', () => {
    given(relay, [registered])
      .when(count(1), count(2), count(1))
      .thenEvents({ type: 'JunkCounted', data: junk(1) }, { type: 'JunkCounted', data: junk(2) });
    given(relay, []).when(count(1)).thenTypes('JunkCounted');
  });

  it('property: redelivery in any order within the window of 256 counts nothing twice', () => {
    const order = fc.shuffledSubarray(
      Array.from({ length: 200 }, (_, i) => i % 100),
      { minLength: 200 },
    );
    fc.assert(
      fc.property(order, (sequences) => {
        let state = given(relay, [registered]).state;
        let events = 0;
        for (const sequence of sequences) {
          const decided = relay.decide(count(sequence), state);
          events += decided.length;
          state = decided.reduce(relay.evolve, state);
        }
        expect(events).toBe(100);
      }),
      { numRuns: 30 },
    );
  });

  it('keeps at most 64 hashes of a batch and 100 raw frames an hour', () => {
    const kept = (events: readonly RelayEvent[]) =>
      events.flatMap((event) => (event.type === 'JunkCounted' ? [[event.data.hashes.length, event.data.raws.length]] : []));
    let state = given(relay, [registered]).state;
    const all: RelayEvent[] = [];
    for (const command of [count(1, T0, 80), count(2, T0, 80), count(3, T0, 80), count(4, T0 + HOUR, 80)]) {
      const events = relay.decide(command, state);
      state = events.reduce(relay.evolve, state);
      all.push(...events);
    }
    expect(kept(all)).toEqual([
      [64, 80],
      [64, 20],
      [64, 0],
      [64, 80],
    ]);
  });

  it('C10.1-8: has 256 refused handshakes a day recorded singly, the others in one sum an hour; batches are always recorded', () => {
    const handshake = (n: number, at: number) => {
      const digest = createHash('sha256').update(`handshake ${n}`).digest().subarray(0, 8);
      return { ...count(1, at), batch: { dcId: 'north-1', sequence: 0, digest } };
    };
    const sum = (n: number, at: number) =>
      ({ type: 'SumUpHandshakes', batch: handshake(n, at).batch, counts: { 'not-authentic': n }, at }) as const;
    let state = given(relay, [registered]).state;
    const decide = (command: RelayCommand) => {
      const events = relay.decide(command, state);
      state = events.reduce(relay.evolve, state);
      return events.length;
    };
    const midnight = Math.ceil(T0 / DAY) * DAY;
    let singles = 0;
    let sums = 0;
    for (let minute = 0; minute < 2 * 1440; minute++) {
      const at = midnight + minute * MINUTE;
      for (let n = 0; n < 10; n++) singles += decide(handshake(minute * 10 + n, at));
      sums += decide(sum(1_000_000 + minute, at));
    }
    expect([singles, sums]).toEqual([2 * 256, 2 * 24]);
    expect(decide(count(7, midnight + 2 * DAY - MINUTE))).toBe(1);
  });

  it('T8.1-4: is throttled at most once a minute, and quarantined when it goes on', () => {
    const flood = (minute: number) => ({ type: 'ReportFlood' as const, frames: 500, at: T0 + minute * MINUTE });
    given(relay, [registered]).when(flood(0), flood(0.5), flood(1)).thenTypes('RelayThrottled', 'RelayThrottled');
    given(relay, [registered])
      .when(flood(0), flood(1), flood(2), flood(3), flood(4), flood(5))
      .thenTypes(...Array.from({ length: 5 }, () => 'RelayThrottled'), 'RelayQuarantined', 'RelayThrottled');
    given(relay, [registered])
      .when(flood(0), flood(60), flood(120), flood(180), flood(240), flood(300))
      .thenTypes(...Array.from({ length: 6 }, () => 'RelayThrottled'));
  });

  it('is released with a clean sheet', () => {
    const quarantined: RelayEvent = { type: 'RelayQuarantined', data: { reason: 'flood', at: T0 } };
    given(relay, [registered, quarantined])
      .when({ type: 'QuarantineRelay', reason: 'x', at: T0 }, { type: 'ReleaseRelay', at: T0 }, { type: 'ReleaseRelay', at: T0 })
      .thenEvents({ type: 'RelayReleased', data: { at: T0 } });
  });

  it('C10.1-1: speaks for a meter during its assignment and 72 hours after', () => {
    const relays = [{ dcId: 'north-1', from: T0, until: T0 + DAY }];
    const at = [T0 - 1, T0, T0 + DAY, T0 + DAY + 72 * HOUR - 1, T0 + DAY + 72 * HOUR];
    expect(at.map((time) => relayServes(relays, 'north-1', time))).toEqual([false, true, true, true, false]);
    expect(relayServes(relays, 'north-2', T0)).toBe(false);
  });
});
