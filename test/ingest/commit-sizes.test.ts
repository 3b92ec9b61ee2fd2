import { describe, expect, it } from 'vitest';
import { QUARTER_MS, type SealedMeter } from '../support/sealed-town.ts';
import { IngestWorld, START } from './ingest-world.ts';

const DAY_MS = 96 * QUARTER_MS;
const END = START + DAY_MS;
const wholeDay = (meter: SealedMeter, wh: number) => meter.reading(END, Array<number>(96).fill(wh));

describe('whatever a batch holds, what it brings can be recorded', () => {
  it('a meter that contradicts itself in every slot spoils none of the other frames of its batches', async () => {
    const world = await IngestWorld.make();
    const [liar, ...honest] = world.town;
    await world.deliver([wholeDay(liar!, 1)], 'one', END);
    const before = await world.readings();
    const lies = Array.from({ length: 160 }, (_, n) => wholeDay(liar!, 2 + n));
    const body = await world.deliver([...lies, ...honest.map((meter) => meter.reading(END, [1, 2, 3, 4]))], 'one', END);
    const tally = await world.tally();
    expect(tally).toMatchObject({ accepted: 1 + 160 + honest.length, slotConflicts: 160 * 96 });
    expect(await world.readings()).toEqual({
      readings: before.readings + honest.length * 4,
      energyWh: before.energyWh + honest.length * 10,
    });
    world.restart();
    await world.deliverBodies([body]);
    expect(await world.tally()).toEqual(tally);
    await world.reconciles();
  });

  it.each([0.02, 0.1, 0.2, 0.3, 0.4, 0.57, 0.8, 1])('the fullest batch, with damage in %d of its frames', async (share) => {
    for (const end of [END, START - 50 * DAY_MS]) {
      const world = await IngestWorld.make({ meters: 173 });
      const damaged = Math.floor(173 * share);
      const frames = world.town.map((meter, i) => {
        const frame = meter.reading(end, Array<number>(96).fill(1));
        if (i < damaged) frame[60]! ^= 1;
        return frame;
      });
      await world.deliver(frames, 'one', END);
      const { accepted, refusedByReason } = await world.tally();
      expect(refusedByReason['not-authentic']).toBe(damaged);
      expect(end === END ? accepted : (refusedByReason['interval-too-old'] ?? 0)).toBe(173 - damaged);
    }
  });
});
