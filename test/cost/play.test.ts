import { beforeAll, describe, expect, it } from 'vitest';
import { playHandshakes } from '../../bench/cost/handshakes.ts';
import { keyCallsOf, type Played, type PlayedDay, playReadings } from '../../bench/cost/play.ts';
import type { Counts } from '../../bench/cost/pricing.ts';

const BATCHES = 24;
const METERS = 400;

function counted(counts: Counts, kind: Parameters<Counts['get']>[0]): { calls: number; units: number } {
  return counts.get(kind) ?? { calls: 0, units: 0 };
}

describe('A day of readings, played through the adapters', () => {
  let day: PlayedDay;
  beforeAll(async () => {
    day = await playReadings(60, 1, METERS);
  }, 120_000);

  it('is one item of one write unit and one object a batch, and the day’s checkpoint', () => {
    expect(day).toMatchObject({ meters: METERS, items: BATCHES * METERS, messages: BATCHES });
    const { calls, units } = counted(day.counts, 'dynamodb.write');
    expect(calls).toBeGreaterThanOrEqual(BATCHES);
    expect(calls).toBeLessThanOrEqual(BATCHES + 4);
    expect(units).toBe(calls);
    const objects = counted(day.counts, 's3.put').calls;
    expect(objects).toBeGreaterThanOrEqual(BATCHES);
    expect(objects).toBeLessThanOrEqual(BATCHES + 4);
    expect(day.objectBytes / day.items).toBeGreaterThan(10);
    expect(day.tableBytes / BATCHES).toBeLessThan(1_024);
  });

  it('goes in and out of the queue once each', () => {
    expect(counted(day.counts, 'sqs.request').calls).toBe(3 * BATCHES);
    expect(counted(day.counts, 'iot.rule').units % BATCHES).toBe(0);
  });

  it('opens no key for a frame: half as many frames take as many key calls', async () => {
    const half = await playReadings(60, 1, METERS / 2);
    expect(half.items).toBe(day.items / 2);
    expect(keyCallsOf(day)).toBeGreaterThan(0);
    expect(keyCallsOf(half)).toBe(keyCallsOf(day));
  });

  it('is taken out again at a write unit a commit, and each commit’s body read twice', () => {
    const { calls, units } = counted(day.takenOut, 'dynamodb.write');
    expect(calls).toBeGreaterThanOrEqual(BATCHES);
    expect(units).toBeLessThanOrEqual(BATCHES + 12);
    expect(counted(day.takenOut, 's3.get').calls).toBeGreaterThanOrEqual(2 * BATCHES);
    expect(counted(day.takenOut, 's3.get').calls).toBeLessThanOrEqual(2 * BATCHES + 8);
  });

  it('is followed by the read models', () => {
    expect(counted(day.followed, 'dynamodb.write').calls).toBeGreaterThanOrEqual(3 * BATCHES);
    expect(day.modelBytes).toBeGreaterThan(1_000);
  });
});

describe('Handshakes, played through the adapters', () => {
  it('are one call of the key service and one of the registry each, and one message down', async () => {
    const agreed: Played = await playHandshakes(5);
    expect(agreed.items).toBe(5);
    expect(counted(agreed.counts, 'kms.asymmetric').calls).toBe(5);
    expect(counted(agreed.counts, 'iot.registry').calls).toBe(5);
    expect(counted(agreed.counts, 'iot.message').calls).toBe(5);
    expect(counted(agreed.counts, 'dynamodb.write').calls).toBeGreaterThanOrEqual(2 * 5);
  }, 60_000);
});
