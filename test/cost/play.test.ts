import { describe, expect, it } from 'vitest';
import { type Played, playHandshakes, playReadings } from '../../bench/cost/play.ts';

function counted({ counts }: Played, kind: Parameters<Played['counts']['get']>[0]): { calls: number; units: number } {
  return counts.get(kind) ?? { calls: 0, units: 0 };
}

describe('A day of readings, played', () => {
  it('is one conditional put and a handful of reads a batch, and no key call a frame', async () => {
    const day = await playReadings(60);
    expect(day).toMatchObject({ meters: 500, items: 12_000, messages: 24 });
    // One commit a batch, and the day's checkpoint: its commit and its place.
    expect(counted(day, 'dynamodb.write').calls).toBeGreaterThanOrEqual(24);
    expect(counted(day, 'dynamodb.write').calls).toBeLessThanOrEqual(24 + 4);
    expect(counted(day, 'dynamodb.write').units * 1_024).toBeGreaterThanOrEqual(day.storedBytes);
    expect(day.storedBytes / day.items).toBeGreaterThan(32);
    const keyCalls = counted(day, 'kms.symmetric').calls + counted(day, 'kms.asymmetric').calls;
    // Keys are opened again when a quarter of an hour has passed; a batch is 500 frames.
    expect(keyCalls).toBeGreaterThan(0);
    expect(keyCalls).toBeLessThanOrEqual(3 * day.messages);
    expect(counted(day, 'sqs.request').calls).toBe(3 * 24);
    expect(counted(day, 'iot.rule').units % 24).toBe(0);
  });
});

describe('Handshakes, played', () => {
  it('are one call of the key service and one of the registry each, and one message down', async () => {
    const agreed = await playHandshakes(5);
    expect(agreed.items).toBe(5);
    expect(counted(agreed, 'kms.asymmetric').calls).toBe(5);
    expect(counted(agreed, 'iot.registry').calls).toBe(5);
    expect(counted(agreed, 'iot.message').calls).toBe(5);
    expect(counted(agreed, 'dynamodb.write').calls).toBeGreaterThanOrEqual(2 * 5);
  });
});
