import { describe, expect, it } from 'vitest';
import { EpochVault } from '../../lambdas/shared/keys/epoch-vault.ts';
import { FIRST_HOUR, IngestWorld, START } from '../ingest/ingest-world.ts';
import { QUARTER_MS, type SealedMeter, telemetryBody } from '../support/sealed-town.ts';
import { Dice } from './mortal.ts';

const HOUR = 4 * QUARTER_MS;
const SEED = 7;

/** Frames of one quarter-hour each, from the first after START on. */
function frames(meter: SealedMeter, count: number): { end: number; bytes: Buffer }[] {
  return Array.from({ length: count }, (_, i) => {
    const end = START + (i + 1) * QUARTER_MS;
    return { end, bytes: meter.reading(end, [i % 97]) };
  });
}

function sumTo(count: number): number {
  return Array.from({ length: count }, (_, i) => i % 97).reduce((sum, value) => sum + value, 0);
}

describe('replay, order, loss (C)', () => {
  it('T8-P1, C1: one frame a thousand times, fifty batches at once, is one reading', async () => {
    const w = await IngestWorld.make();
    const frame = w.town[0]!.reading(FIRST_HOUR, [1, 2, 3, 4]);
    w.world.clock.set(FIRST_HOUR);
    const bodies = Array.from({ length: 50 }, (_, i) => telemetryBody('one', FIRST_HOUR, 1000 + i, Array<Buffer>(20).fill(frame)));
    await Promise.all(Array.from({ length: 5 }, (_, i) => w.deliverBodies(bodies.slice(i * 10, i * 10 + 10))));
    expect(await w.tally()).toMatchObject({ accepted: 1, duplicate: 999, quarantined: 0 });
    expect(await w.readings()).toEqual({ readings: 4, energyWh: 10 });
  });

  it('T8-P1, C2: the same over five concentrators is one reading; those that are not the meter’s own bring none', async () => {
    const w = await IngestWorld.make({ relays: ['one', 'two', 'three', 'four'] });
    const frame = w.town[0]!.reading(FIRST_HOUR, [1, 2, 3, 4]);
    const over = ['one', 'two', 'three', 'four', 'stranger'];
    await Promise.all(over.map((dcId) => w.deliver(Array<Buffer>(200).fill(frame), dcId)));
    expect(await w.tally()).toMatchObject({ accepted: 1, duplicate: 799, quarantined: 200 });
    expect(await w.readings()).toEqual({ readings: 4, energyWh: 10 });
    await w.reconciles();
  });

  it(`C3: frames 1 to 1,000 in random order over 72 hours are all accepted once (seed ${SEED})`, async () => {
    const w = await IngestWorld.make({ meters: 1 });
    const dice = new Dice(SEED);
    const all = frames(w.town[0]!, 1000);
    const mixed = dice.shuffled(all);
    const last = START + 1000 * QUARTER_MS;
    for (let i = 0; i < 1000; i += 25) {
      const at = last + (i / 1000) * 72 * HOUR;
      const chunk = mixed.slice(i, i + 25);
      await w.deliver(
        chunk.map(({ bytes }) => bytes),
        dice.chance(50) ? 'one' : 'two',
        Math.round(at),
      );
      if (dice.chance(20)) w.restart();
    }
    expect(await w.tally()).toMatchObject({ accepted: 1000, duplicate: 0, quarantined: 0 });
    expect(await w.readings()).toEqual({ readings: 1000, energyWh: sumTo(1000) });
  });

  it(`C4: 10 % dropped and sealed once more under new counters: every slot is there once (seed ${SEED})`, async () => {
    const w = await IngestWorld.make({ meters: 1 });
    const meter = w.town[0]!;
    const dice = new Dice(SEED);
    const sent = frames(meter, 480).map((frame) => ({ ...frame, lost: dice.chance(10) }));
    for (let i = 0; i < sent.length; i += 16) {
      const chunk = sent.slice(i, i + 16);
      const arrived = chunk.filter(({ lost }) => !lost).map(({ bytes }) => bytes);
      await w.deliver(arrived, 'one', chunk.at(-1)!.end);
    }
    expect((await w.readings()).readings).toBeLessThan(480);
    const end = START + 480 * QUARTER_MS;
    // The meter seals every fourth of the others once more too: what was lost was only the acknowledgement.
    const again = sent.flatMap(({ end: slot, lost }, i) => (lost || i % 4 === 0 ? [meter.reading(slot, [i % 97], { flags: 1 })] : []));
    for (let i = 0; i < again.length; i += 60) await w.deliver(again.slice(i, i + 60), 'two', end + HOUR);
    expect(await w.readings()).toEqual({ readings: 480, energyWh: sumTo(480) });
    expect((await w.tally()).slotConflicts).toBe(0);
    await w.reconciles();
  });

  it('C13: deliveries of the queue that repeat, overlap and come in part count once', async () => {
    const w = await IngestWorld.make({ meters: 8, segmentSize: 4 });
    const dice = new Dice(SEED);
    const bodies: string[] = [];
    for (let hour = 1; hour <= 12; hour++) {
      const at = START + hour * HOUR;
      w.world.clock.set(at);
      bodies.push(
        telemetryBody(
          'one',
          at,
          hour,
          w.town.map((meter) => meter.reading(at, [1, 1, 1, hour])),
        ),
      );
      w.framesSent += w.town.length;
    }
    for (let round = 0; round < 10; round++) {
      const part = dice.shuffled(bodies).slice(0, 1 + dice.roll(12));
      await Promise.all([w.deliverBodies(part.slice(0, 10)), w.deliverBodies(dice.shuffled(part).slice(0, 10))]);
      w.restart();
    }
    await w.deliverBodies(bodies.slice(0, 10));
    await w.deliverBodies(bodies.slice(10));
    expect(await w.tally()).toMatchObject({ accepted: 96, duplicate: 0, quarantined: 0 });
    expect(await w.readings()).toEqual({ readings: 384, energyWh: 8 * (36 + 78) });
    await w.reconciles();
  });

  it('T8-P1: a frame of an epoch older than the four that are remembered is set aside, not accepted again and again', async () => {
    const w = await IngestWorld.make({ meters: 1 });
    const meter = w.town[0]!;
    const vault = new EpochVault(w.world.as('keys'));
    const late = meter.reading(FIRST_HOUR, [9, 9, 9, 9]);
    for (let epoch = 2; epoch <= 5; epoch++) {
      meter.renew();
      await vault.store(meter.meterId, epoch, meter.secret);
      await w.deliver([meter.reading(FIRST_HOUR + (epoch - 1) * HOUR, [1, 2, 3, 4])], 'one', FIRST_HOUR + (epoch - 1) * HOUR);
    }
    for (let i = 0; i < 3; i++) await w.deliver([late], 'one', FIRST_HOUR + 6 * HOUR + i);
    expect(await w.tally()).toMatchObject({ accepted: 4, quarantined: 3, refusedByReason: { 'below-window': 3 } });
  });
});
