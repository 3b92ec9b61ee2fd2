import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JoulekeepError } from '../../events/errors.ts';
import { makeCloseDay } from '../../lambdas/close-day/handler.ts';
import { localDay, plusDays, provisionalAt } from '../../lambdas/shared/days/local-days.ts';
import { PowertoolsLog } from '../../platform/aws/log.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { ClosingWorld, type Enrolled } from '../meterday/closing-world.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { Faults, faulty } from '../support/faults.ts';
import { HOME } from '../support/sealed-town.ts';
import { lambdaContext } from '../support/sqs.ts';
import { Duty } from './duty.ts';

const FIRST = '2026-01-15';

let duty: Duty;
let world: ClosingWorld;
beforeEach(() => {
  duty = new Duty();
  world = new ClosingWorld(localDay(FIRST, HOME.zone).start * 1000);
});
afterEach(() => duty.end());

/** A day that meters measure and send, a value beyond the fuse in it if told. */
async function measured(meters: readonly Enrolled[], day: string, bad = false): Promise<void> {
  const { start, end } = localDay(day, HOME.zone);
  for (const meter of meters) {
    for (let at = start + 900; at <= end; at += 900) meter.measure(at, bad && at === start + 43_200 ? 60_000 : 100);
    await world.say(meter, meter.frames(end), end * 1000 + 60_000);
  }
}

/** 07:00 after a day. */
async function close(day: string, platform: Platform = world.platform): Promise<void> {
  duty.turn();
  world.world.clock.set(Math.max(provisionalAt(day, HOME.zone), world.world.clock.now()));
  await makeCloseDay(platform, defencesUnderTest())({} as never, lambdaContext('close-day'));
}

/** As a store finds a commit that is not the one it recorded. */
async function* damaged(): AsyncGenerator<never> {
  yield* [];
  throw new JoulekeepError('ERR_COMMIT_DAMAGED', 'a commit is not what was recorded');
}

const street = (homes: number) => Promise.all(Array.from({ length: homes }, () => world.enrol({ firstDay: FIRST })));

describe('closing days', () => {
  it('days-held: 25 days with a value beyond the fuse raise it, 24 do not, and neither does the next closing', async () => {
    const meters = await street(25);
    await measured(meters, FIRST, true);
    await close(FIRST);
    expect(duty.hears('days-held')).toBe(true);
    await measured(meters.slice(1), plusDays(FIRST, 1), true);
    await close(plusDays(FIRST, 1));
    expect(duty.hears('days-held')).toBe(false);
  });

  it('meters-fell-silent: a day without a reading raises it once, and a meter that speaks again is over it', async () => {
    const meters = await street(1);
    await measured(meters, FIRST);
    await close(FIRST);
    expect(duty.hears('meters-fell-silent')).toBe(false);
    await close(plusDays(FIRST, 1));
    expect(duty.hears('meters-fell-silent')).toBe(true);
    await measured(meters, plusDays(FIRST, 2));
    await close(plusDays(FIRST, 2));
    expect(duty.hears('meters-fell-silent')).toBe(false);
  });

  it('estimation-prolonged: the fifth day of estimates raises it, and a meter that speaks again is over it', async () => {
    const meters = await street(1);
    await measured(meters, FIRST);
    const rang: number[] = [];
    for (let n = 1; n <= 6; n++) {
      await close(plusDays(FIRST, n));
      if (duty.hears('estimation-prolonged')) rang.push(n);
    }
    expect(rang).toEqual([6]);
    await measured(meters, plusDays(FIRST, 7));
    await close(plusDays(FIRST, 7));
    expect(duty.hears('estimation-prolonged')).toBe(false);
  });

  it('a segment that closing finds damaged raises the alarm of damage beside its own', async () => {
    const meters = await street(1);
    await measured(meters, FIRST);
    const { events } = world.platform;
    const faulted = faulty(world.platform, new Faults()).events;
    const platform = {
      ...world.platform,
      log: new PowertoolsLog('close-day'),
      events: { ...faulted, streams: events.streams.bind(events), read: damaged },
    };
    await close(FIRST, platform);
    expect([duty.hears('closing-failed'), duty.hears('record-damaged')]).toEqual([true, true]);
    await close(FIRST);
    expect([duty.hears('closing-failed'), duty.hears('record-damaged')]).toEqual([false, false]);
  });

  it('closing-failed: a segment whose store does not answer raises it, and the hour after closes its days', async () => {
    const meters = await street(1);
    await measured(meters, FIRST);
    const faults = new Faults();
    const { events } = world.platform;
    const failing = { ...world.platform, events: { ...faulty(world.platform, faults).events, streams: events.streams.bind(events) } };
    faults.set('store', { kind: 'down' });
    await close(FIRST, failing);
    expect(duty.hears('closing-failed')).toBe(true);
    faults.set('store', undefined);
    await close(FIRST, failing);
    expect(duty.hears('closing-failed')).toBe(false);
    expect((await world.day(meters[0]!.options.meterId, FIRST)).outcome).toMatchObject({ held: false });
  });
});
