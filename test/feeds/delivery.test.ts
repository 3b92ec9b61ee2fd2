import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DELIVERY_LASTS_MS, waitAfter } from '../../domain/delivery/backoff.ts';
import { type DeliveryCommand, type DeliveryState, delivery, type ItemOutcome } from '../../domain/delivery/delivery.ts';
import type { DeliveryEvent } from '../../events/index.ts';

const AT = Date.UTC(2026, 1, 8);
const SET: DeliveryEvent = {
  type: 'EndpointSet',
  data: { recipient: 'ems', feed: 'operator/a', url: 'https://a.example/', by: 'ann', at: AT },
};
const given = (...events: readonly DeliveryEvent[]): DeliveryState => events.reduce(delivery.evolve, delivery.initial);
const outcome = (seq: number, result: ItemOutcome['result'] = 'delivered', issuedAt = AT): ItemOutcome => ({ seq, issuedAt, result });
const pass = (outcomes: readonly ItemOutcome[], at = AT, overdue?: number): DeliveryCommand => {
  return { type: 'RecordPass', outcomes, at, ...(overdue === undefined ? {} : { overdue }) };
};

describe('decider of a delivery', () => {
  it('given an endpoint, when items arrived, then they are one fact; again, then none', () => {
    const delivered: DeliveryEvent = { type: 'ItemsDelivered', data: { through: 3, at: AT } };
    const outcomes = [1, 2, 3].map((seq) => outcome(seq));
    expect(delivery.decide(pass(outcomes), given(SET))).toEqual([delivered]);
    expect(delivery.decide(pass(outcomes), given(SET, delivered))).toEqual([]);
  });

  it('given one that fails, when it fails again, then it waits twice as long; when another worker brought it, then that counts', () => {
    const [first] = delivery.decide(pass([outcome(1, { failed: 'timeout' })]), given(SET));
    expect(first).toEqual({ type: 'DeliveryFailed', data: { seq: 1, attempt: 1, failure: 'timeout', at: AT, nextAt: AT + 30_000 } });
    const [second] = delivery.decide(pass([outcome(1, { failed: 'status-500' })], AT + 30_000), given(SET, first!));
    expect(second).toMatchObject({ data: { attempt: 2, nextAt: AT + 90_000 } });
    const brought: DeliveryEvent = { type: 'ItemsDelivered', data: { through: 1, at: AT } };
    expect(delivery.decide(pass([outcome(1, { failed: 'timeout' })]), given(SET, brought))).toEqual([]);
  });

  it('given 72 hours of failures, when it fails once more, then it is set aside with what is as old', () => {
    const late = AT + DELIVERY_LASTS_MS;
    expect(delivery.decide(pass([outcome(1, { failed: 'timeout' })], late - 1, 4), given(SET))).toMatchObject([
      { type: 'DeliveryFailed', data: { nextAt: late } },
    ]);
    expect(delivery.decide(pass([outcome(1, { failed: 'timeout' })], late, 4), given(SET))).toEqual([
      { type: 'ItemsSetAside', data: { from: 1, through: 4, failure: 'timeout', at: late } },
    ]);
  });

  it('given something set aside, when a replay goes behind it, then it is no longer so, and what lies before stays', () => {
    const aside: DeliveryEvent = { type: 'ItemsSetAside', data: { from: 2, through: 6, failure: 'timeout', at: AT } };
    const replayed = given(SET, aside, { type: 'ReplayAsked', data: { after: 3, by: 'ems', at: AT + 1 } });
    expect(replayed).toMatchObject({ through: 3, since: AT + 1, setAside: [{ from: 2, through: 3 }] });
  });

  it('given nothing, when anything but an endpoint is told, then it is refused', () => {
    expect(() => delivery.decide(pass([]), delivery.initial)).toThrow(expect.objectContaining({ code: 'ERR_DELIVERY_UNSET' }));
  });

  it('the wait never shrinks, and ends at four hours', () => {
    const waits = Array.from({ length: 40 }, (_, i) => waitAfter(i + 1));
    expect(waits.toSorted((a, b) => a - b)).toEqual(waits);
    expect(waits.at(-1)).toBe(4 * 3_600_000);
  });

  it('whatever happens in whatever order, an item is behind the cursor, dropped, set aside or to come, and the cursor moves back by replays alone', () => {
    const one = fc.record({
      kind: fc.constantFrom('delivered', 'dropped', 'failed', 'replay'),
      hours: fc.nat(30),
      many: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 40 }), (steps) => {
        let state = given(SET);
        let at = AT;
        for (const { kind, hours, many } of steps) {
          at += hours * 3_600_000;
          const result = kind === 'delivered' ? kind : kind === 'dropped' ? { dropped: 'x' } : ({ failed: 'timeout' } as const);
          const outcomes = Array.from({ length: kind === 'failed' ? 1 : many }, (_, i) => outcome(state.through + 1 + i, result));
          const command: DeliveryCommand =
            kind === 'replay' ? { type: 'AskReplay', after: Math.max(0, state.through - many), by: 'ems', at } : pass(outcomes, at);
          const before = state;
          state = delivery.decide(command, state).reduce(delivery.evolve, state);
          if (kind !== 'replay') expect(state.through).toBeGreaterThanOrEqual(before.through);
          if (kind === 'delivered' || kind === 'dropped') expect(state.through).toBe(before.through + many);
          expect(state.setAside.every(({ from, through }) => from <= through && through <= state.through)).toBe(true);
          if (state.failing !== undefined) expect(state.failing).toMatchObject({ seq: state.through + 1 });
        }
      }),
    );
  });
});
