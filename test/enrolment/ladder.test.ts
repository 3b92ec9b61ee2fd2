import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochDuties, judgeHello } from '../../domain/enrolment/ladder.ts';
import { LADDER } from '../../domain/enrolment/limits.ts';
import { meter } from '../../domain/enrolment/meter.ts';
import { EPOCH } from '../../protocol/keys.ts';
import { active, closed, DAY, enrolled, HOUR, installed, MINUTE, proposal, proposed, T0 } from './facts.ts';
import { given } from './given.ts';

const hello = (epoch: number, bytes = `hello ${epoch}`) => {
  const { helloHash, suite } = proposal(epoch, T0, bytes);
  return { epoch, helloHash, suite };
};

describe('the key ladder of a meter', () => {
  it('C10.1-6: the rules agree with the protocol', () => {
    expect(LADDER.helloAhead).toBe(EPOCH.helloAhead);
    expect(LADDER.deadAfter).toBe(EPOCH.destroyDays * DAY);
    expect(LADDER.overdueAfter).toBe((EPOCH.rotateDays + 1) * DAY);
  });

  it('C10.1-6: any number in (highest, highest + 16] is fresh', () => {
    const { state } = given(meter, [...installed, proposed(5)]);
    for (let epoch = 1; epoch <= 30; epoch++) {
      const expected = epoch > 5 && epoch <= 21 ? 'fresh' : epoch === 5 ? 'repeat' : 'refused';
      expect(judgeHello(state, hello(epoch)).verdict, `epoch ${epoch}`).toBe(expected);
    }
  });

  it('D2: the same HELLO gets the same ACCEPT, another one of that number none', () => {
    const { state } = given(meter, [...installed, proposed(5)]);
    expect(judgeHello(state, hello(5))).toEqual({ verdict: 'repeat', accept: Buffer.from('accept of hello 5') });
    expect(judgeHello(state, hello(5, 'other'))).toEqual({ verdict: 'refused', reason: 'epoch-used', answerable: true });
  });

  it('D2: a HELLO of a destroyed epoch gets nothing', () => {
    const { state } = given(meter, [...installed, proposed(5), { type: 'EpochDestroyed', data: { epoch: 5, at: T0 } }]);
    expect(judgeHello(state, hello(5))).toMatchObject({ verdict: 'refused', reason: 'epoch-used' });
  });

  it('D6: a meter does not go back to a lower suite', () => {
    const { state } = given(meter, [...installed, { ...proposed(5), data: { ...proposed(5).data, suite: 2 } } as never]);
    expect(judgeHello(state, { ...hello(6), suite: 1 })).toMatchObject({ verdict: 'refused', reason: 'suite-downgrade' });
    expect(judgeHello(state, { ...hello(6), suite: 2 })).toEqual({ verdict: 'fresh' });
  });

  it('D13: only an installed meter may say HELLO', () => {
    const reasons: [string, Parameters<typeof given>[1]][] = [
      ['meter-unknown', []],
      ['meter-not-active', [enrolled]],
      ['meter-quarantined', [...installed, { type: 'MeterQuarantined', data: { reason: 'x', at: T0 } }]],
      ['meter-retired', [...installed, { type: 'MeterRetired', data: { at: T0 } }]],
    ];
    for (const [reason, past] of reasons)
      expect(judgeHello(given(meter, past).state, hello(1))).toMatchObject({ verdict: 'refused', reason });
  });

  it('proposes what is fresh, repeats nothing, refuses the rest', () => {
    given(meter, installed).when(proposal(1)).thenEvents(proposed(1));
    given(meter, [...installed, proposed(1)])
      .when(proposal(1))
      .thenNothing();
    given(meter, [...installed, proposed(2)])
      .when(proposal(1))
      .thenTypes('EpochRefused');
    given(meter, installed).when(proposal(17)).thenTypes('EpochRefused');
  });

  it('C10.1-3: an epoch is pending until a frame opened under it', () => {
    const before = given(meter, [...installed, proposed(1)]).state;
    expect(before).toMatchObject({ ladder: { live: [{ epoch: 1, phase: 'proposed' }] } });
    given(meter, [...installed, proposed(1)])
      .when({ type: 'ActivateEpoch', epoch: 1, at: T0 })
      .thenEvents(active(1));
  });

  it('activates once, and closes what was active before', () => {
    const past = [...installed, proposed(1), active(1), proposed(2)];
    given(meter, past)
      .when({ type: 'ActivateEpoch', epoch: 2, at: T0 + DAY }, { type: 'ActivateEpoch', epoch: 2, at: T0 + 2 * DAY })
      .thenEvents(active(2, T0 + DAY), closed(1, T0 + DAY));
  });

  it('activates an older proposal late, as closed, so that its 14 days run', () => {
    const past = [...installed, proposed(1), proposed(2), active(2)];
    given(meter, past)
      .when({ type: 'ActivateEpoch', epoch: 1, at: T0 + DAY })
      .thenEvents(active(1, T0 + DAY), closed(1, T0 + DAY));
  });

  it('closes what is active only', () => {
    given(meter, [...installed, proposed(1)])
      .when({ type: 'CloseEpoch', epoch: 1, at: T0 })
      .thenThrows('ERR_EPOCH_NOT_ACTIVE');
    const close = { type: 'CloseEpoch', epoch: 1, at: T0 } as const;
    given(meter, [...installed, proposed(1), active(1)])
      .when(close, close)
      .thenEvents(closed(1));
  });

  it('C10.1-6: an epoch is destroyed within 14 days of its activation, and not before its time', () => {
    const past = [...installed, proposed(1), active(1, T0 + HOUR)];
    const due = T0 + HOUR + 14 * DAY - 2 * HOUR;
    given(meter, past)
      .when({ type: 'DestroyEpoch', epoch: 1, at: due - 1 })
      .thenThrows('ERR_EPOCH_NOT_DUE');
    const destroy = { type: 'DestroyEpoch', epoch: 1, at: due } as const;
    given(meter, past)
      .when(destroy, destroy)
      .thenEvents({ type: 'EpochDestroyed', data: { epoch: 1, at: due } });
    expect(epochDuties(given(meter, past).state, due).destroy).toMatchObject([{ epoch: 1 }]);
  });

  it('C10.1-6: a proposal nobody confirmed is destroyed as well', () => {
    const { state } = given(meter, [...installed, proposed(1)]);
    expect(epochDuties(state, T0 + 14 * DAY)).toMatchObject({ destroy: [{ epoch: 1 }], overdue: [] });
  });

  it('C10.1-6: an epoch that was not renewed after 8 days is overdue, once', () => {
    const { state, when } = given(meter, [...installed, proposed(1), active(1)]);
    expect(epochDuties(state, T0 + 8 * DAY - 1)).toMatchObject({ overdue: [], next: T0 + 8 * DAY });
    expect(epochDuties(state, T0 + 8 * DAY).overdue).toMatchObject([{ epoch: 1 }]);
    const mark = { type: 'MarkEpochOverdue', epoch: 1, at: T0 + 8 * DAY } as const;
    when(mark, mark).thenEvents({ type: 'EpochOverdue', data: { epoch: 1, at: T0 + 8 * DAY } });
  });

  it('C10.1-6: a meter that renews weekly is never overdue and has at most three live epochs', () => {
    let state = given(meter, installed).state;
    const record = (command: Parameters<typeof meter.decide>[0]) => {
      state = meter.decide(command, state).reduce(meter.evolve, state);
    };
    for (let week = 0; week < 52; week++) {
      const at = T0 + week * 7 * DAY;
      record(proposal(week + 1, at));
      record({ type: 'ActivateEpoch', epoch: week + 1, at: at + 20 * MINUTE });
      for (let hour = 1; hour <= 7 * 24; hour++) {
        const { destroy, overdue } = epochDuties(state, at + hour * HOUR);
        expect(overdue).toEqual([]);
        for (const { epoch } of destroy) record({ type: 'DestroyEpoch', epoch, at: at + hour * HOUR });
      }
      expect(state).toMatchObject({ ladder: { highest: week + 1 } });
      expect(state.status === 'active' && state.ladder.live.length).toBeLessThanOrEqual(3);
    }
  });

  it('C10.1-6: after 44 days offline the next HELLO is fresh, however often the meter had tried', () => {
    const past = [...installed, proposed(9), active(9), { type: 'EpochDestroyed', data: { epoch: 9, at: T0 + 14 * DAY } } as const];
    const { state } = given(meter, past);
    for (let unanswered = 0; unanswered < 16; unanswered++) {
      expect(judgeHello(state, hello(10 + unanswered)).verdict).toBe('fresh');
    }
  });

  it('property: whatever arrives in whatever order, a number is proposed once and never goes back', () => {
    const step = fc.record({ epoch: fc.integer({ min: 1, max: 40 }), bytes: fc.constantFrom('a', 'b') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let state = given(meter, installed).state;
        const numbers: number[] = [];
        for (const { epoch, bytes } of steps) {
          const events = meter.decide(proposal(epoch, T0, bytes), state);
          state = events.reduce(meter.evolve, state);
          for (const event of events) if (event.type === 'EpochProposed') numbers.push(event.data.epoch);
        }
        expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
      }),
    );
  });
});
