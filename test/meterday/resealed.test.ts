import { describe, expect, it } from 'vitest';
import { cutHistory } from '../../domain/meterday/reseal.ts';
import { type MeterDayEvent, UTILITY } from '../../events/index.ts';
import { reclosesDue } from '../../lambdas/shared/days/reclose-agenda.ts';
import { DATES } from '../billing/closed-homes.ts';
import { CorrectedHome, startOf } from '../billing/corrected-home.ts';
import { close, collected, DayStream, FRAME, readings, records, registerAt, stream, typesOf, verified } from './days.ts';

const NOON = FRAME.start + 12 * 3600;
const MORNING = { ...FRAME, end: NOON };
const EVENING = { ...FRAME, part: 2, subject: 'acc-b', start: NOON };

/** A whole day, closed. */
function whole(upTo = 96): DayStream {
  return stream({ type: 'CollectReadings', readings: readings([collected(records(0, upTo))]) }, verified, close(upTo < 96));
}

/** The stream goes on after a tenancy was corrected. */
function resealed(day: DayStream, frame = MORNING): DayStream {
  const event: MeterDayEvent = { type: 'DayResealed', data: { frame, history: cutHistory(day.events, frame), reason: 'told late', at: 1 } };
  return new DayStream().record(...day.events, event);
}

describe('a day that was divided', () => {
  it('counts on from the register at the cut', () => {
    const { events } = whole();
    const registerOf = (frame: typeof FRAME) => {
      const [first] = cutHistory(events, frame);
      return first?.type === 'ReadingsCollected' && first.data.channels[0]?.registerBefore;
    };
    expect(registerOf(MORNING)).toBe(5_000);
    expect(registerOf(EVENING)).toBe(registerAt(47));
  });

  it('does not know the register at a cut of which no record came', () => {
    const { events } = stream({ type: 'CollectReadings', readings: readings([collected(records(50, 96), { registerBefore: -1 })]) });
    const [first] = cutHistory(events, EVENING);
    expect(first).toMatchObject({ data: { channels: [{ registerBefore: -1 }] } });
  });

  it('stays final when it was: what it says now is a restatement', () => {
    const day = whole();
    expect(day.day.final).toBe(true);
    const on = resealed(day);
    expect(on.day).toMatchObject({ final: true, stale: true });
    expect(typesOf(on.run(close())).at(-1)).toBe('DayRestated');
  });

  it('is provisional when it was, until it is closed again', () => {
    const day = stream({ type: 'CollectReadings', readings: readings([collected(records(0, 40))]) }, close());
    expect(day.day.final).toBe(false);
    const on = resealed(day);
    expect(on.day).toMatchObject({ final: false, stale: true });
    expect(typesOf(on.run(close())).at(-1)).toBe('DayProvisional');
  });

  it('states again what it said before the cut, under the next revision', () => {
    const day = whole();
    const { outcome, revision } = day.day;
    expect([outcome?.channels.length, revision]).toEqual([1, 1]);
    const on = resealed(day);
    expect(on.day).toMatchObject({ revision, outcome });
    expect(on.run(close()).at(-1)).toMatchObject({ type: 'DayRestated', data: { revision: 2, before: outcome!.channels } });
  });

  it('says what came with its history where that is a whole day, and counts on from the higher revision', () => {
    const once = whole();
    const often = whole();
    for (const at of [2, 3])
      often.run({ type: 'RestateDay', perCount: [{ channel: 0, perCount: at }], reason: 'multiplier', by: 'op-1', at });
    expect([once.day.revision, often.day.revision]).toEqual([1, 3]);
    for (const [before, brought] of [
      [once, often],
      [often, once],
    ] as const) {
      const data = { frame: FRAME, history: cutHistory(brought.events, FRAME), reason: 'told late', at: 4 };
      const on = new DayStream().record(...before.events, { type: 'DayResealed', data });
      expect(on.day).toMatchObject({ revision: 3, stale: false });
      expect(on.day.outcome).toEqual(brought.day.outcome);
    }
  });

  it('is closed again once', async () => {
    const home = await CorrectedHome.open();
    for (const day of DATES) await home.close(day);
    await home.correct([{ subject: UTILITY, from: startOf(DATES[1]!) + 12 * 3_600_000 }]);
    for (const _ of [1, 2]) {
      home.wait();
      await home.reseal();
    }
    const due = () => reclosesDue(home.world.as('close-day'));
    expect((await due()).map(({ day }) => day)).toEqual([DATES[1]]);
    await home.reclose();
    expect(await due()).toEqual([]);
    home.discard();
  });
});
