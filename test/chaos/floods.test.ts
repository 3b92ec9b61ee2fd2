import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { INGEST_LIMITS } from '../../lambdas/ingest/limits.ts';
import { FrameOpener, KID_OFFSET } from '../../protocol/frame.ts';
import { ChaosTown } from './chaos-town.ts';

/** Limits a hundred times smaller, for floods a hundred times smaller. */
const LIMITS = { ...INGEST_LIMITS, meter: { burst: 12, perHour: 60 }, floodingFrames: 50 };
const HONEST = ['one', 'two', 'three', 'four'] as const;

describe('a flood', () => {
  it('T8.1-4, C10.1-8: by a street of meters: no honest frame is refused, the flooders are throttled, then quarantined', async () => {
    const town = await ChaosTown.make([...HONEST, 'flood'], { limits: LIMITS });
    const flooders = town.of('flood');
    await town.minutes(3, () => {
      town.speakAll(HONEST);
      town.publish(
        'flood',
        flooders.flatMap((meter) => Array.from({ length: 30 }, () => meter.reading(town.world.clock.now(), [9, 9, 9, 9]))),
      );
    });
    const { refusedByReason } = await town.tally();
    expect(refusedByReason['meter-throttled']).toBeGreaterThan(10 * LIMITS.floodingFrames - 1);
    expect(refusedByReason['meter-quarantined']).toBeGreaterThan(0);
    expect(await town.stored(HONEST)).toEqual({ energyWh: town.honest.energyWh, twice: 0 });
    for (const { meterId } of flooders) {
      const types = town.world.events.eventsOf(`meter/${meterId}`).map(({ type }) => type);
      expect(types.filter((type) => type === 'MeterQuarantined')).toHaveLength(1);
    }
  });

  it('T8.1-4, K2: of frames of meters that nobody knows is none looked for outside memory, and what a message costs is a read for a hundred frames', async () => {
    const town = await ChaosTown.make(['one']);
    await town.minutes(1, () => town.speak('one'));
    const [pattern] = town.meters.map((meter) => meter.reading(town.world.clock.now(), [1, 2, 3, 4]));
    const { calls: reads, meterLookups } = town.faults;
    const before = reads.directory;
    const { calls } = town.world.keys;
    const keys = { ...calls };
    let frames = 0;
    await town.minutes(10, () => {
      const unknown = Array.from({ length: 500 }, () => {
        const frame = Buffer.from(pattern!);
        randomBytes(8).copy(frame, KID_OFFSET);
        return frame;
      });
      frames += unknown.length;
      town.publish('one', unknown);
      town.speak('one');
    });
    expect(town.faults.meterLookups).toBe(meterLookups);
    expect(reads.directory - before).toBeLessThanOrEqual(frames / 100);
    expect(calls).toEqual(keys);
    const { accepted, refusedByReason } = await town.tally();
    expect(accepted).toBe(town.honest.frames);
    expect(refusedByReason['unknown-meter']).toBe(frames);
  });
});

describe('a poison record', () => {
  it('C10.1-8, K6: a frame that crashes the handler, among a hundred: 99 are accepted, it is set aside alone, its message with none', async () => {
    let opened = 0;
    const opener = new FrameOpener();
    const town = await ChaosTown.make(['one'], {
      open: {
        open: (...frame) => {
          if (++opened === 50) throw new TypeError('a frame that no handler survives');
          return opener.open(...frame);
        },
      },
    });
    const hundred = Array.from({ length: 10 }, () => town.of('one')).flat();
    town.speak('one', hundred);
    await town.minutes(20);
    expect(await town.tally()).toMatchObject({ accepted: 99, quarantined: 1, refusedByReason: { 'handler-fault': 1 } });
    expect(town.queue.dead).toEqual([]);
  });

  it('C10.1-8: a message that is none ends in the dead letters alone; those it came with are taken in', async () => {
    const town = await ChaosTown.make(['one']);
    town.speak('one');
    town.queue.send('no message', '{"dcId":"one"}');
    town.speak('one');
    await town.minutes(20);
    expect(town.queue.dead).toEqual(['no message', '{"dcId":"one"}']);
    expect(await town.tally()).toMatchObject({ accepted: town.honest.frames, quarantined: 0 });
  });
});
