import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Link } from '../../devices/concentrator/link.ts';
import { NvramFile } from '../../devices/fleet/nvram-file.ts';
import { Published } from '../../devices/fleet/published.ts';
import { Radio } from '../../devices/fleet/radio.ts';
import { SeededRandom, unit } from '../../devices/fleet/random.ts';
import { TruthLedger, truthLine } from '../../devices/fleet/truth.ts';
import { encodeBatch } from '../../protocol/batch.ts';
import { concentratorThing, TOPIC_RULES, upTopic } from '../../topology/device-access.ts';

const START = Date.UTC(2026, 0, 5);
const end = (index: number) => START + (index + 1) * 900_000;
const sha = (text: string) => createHash('sha256').update(text).digest('hex');

describe('the truth of the fleet', () => {
  const reading = fc.record({ meter: fc.nat(4), channel: fc.nat(1), index: fc.nat(700), wh: fc.nat(65_534) });
  const distinct = fc.uniqueArray(reading, { selector: ({ meter, channel, index }) => `${meter} ${channel} ${index}`, maxLength: 300 });

  it('sums and digests what was recorded, in any order, once, over a restart', async () => {
    await fc.assert(
      fc.asyncProperty(distinct, fc.nat(300), async (readings, cut) => {
        const first = new TruthLedger(START, 15);
        const record = (ledger: TruthLedger, some: typeof readings) => {
          for (const { meter, channel, index, wh } of some) ledger.record(`0${meter}`, channel, end(index), wh);
        };
        record(first, readings.slice(0, cut));
        const second = new TruthLedger(START, 15);
        second.restore(first.save());
        record(second, readings);
        const lines = readings.map(({ meter, channel, index, wh }) => ({
          key: [meter, channel, index],
          line: truthLine(`0${meter}`, channel, end(index), wh),
        }));
        lines.sort((a, b) => a.key[0]! - b.key[0]! || a.key[1]! - b.key[1]! || a.key[2]! - b.key[2]!);
        expect(await second.digest()).toBe(sha(lines.map(({ line }) => line).join('')));
        const { wh, readings: count, channels } = second.sums();
        expect([wh, count]).toEqual([readings.reduce((sum, one) => sum + one.wh, 0), readings.length]);
        expect(channels.reduce((sum, one) => sum + one.wh, 0)).toBe(wh);
      }),
      { numRuns: 40 },
    );
  });

  it('writes its list to a file that has the digest', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'joulekeep-truth-'));
    try {
      const ledger = new TruthLedger(START, 15);
      for (let meter = 9; meter >= 0; meter--) for (let i = 0; i < 1_000; i++) ledger.record(`0${meter}`, 0, end(i), i);
      const file = join(folder, 'truth.csv');
      const digest = await ledger.digest(file);
      const text = readFileSync(file, 'utf8');
      expect(digest).toBe(sha(text));
      expect(text.split('\n')[0]).toBe('00,0,2026-01-05T00:15Z,0');
      expect(text.split('\n')).toHaveLength(10_001);
      await expect(ledger.digest(join(folder, 'no', 'where.csv'))).rejects.toThrow(/ENOENT/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('what was published', () => {
  const topic = upTopic(TOPIC_RULES.telemetry, concentratorThing('dc-1'));
  const batch = (sequence: number, ...frames: string[]) =>
    encodeBatch(
      sequence,
      frames.map((text) => ({ receivedAt: 0, bytes: Buffer.from(text) })),
    );

  it('counts frames of distinct batches that were acknowledged', async () => {
    const published = new Published();
    let up = true;
    const line: Link = { publish: () => (up ? Promise.resolve() : Promise.reject(new Error('down'))), onDown: () => {} };
    const link = published.counted(line);
    await link.publish(topic, batch(1, 'a', 'b'));
    await link.publish(topic, batch(1, 'a', 'b'));
    await link.publish(topic, batch(1, 'a', 'c', 'd'));
    await link.publish(upTopic(TOPIC_RULES.telemetry, concentratorThing('dc-2')), batch(1, 'a', 'b'));
    await link.publish(upTopic(TOPIC_RULES.handshake, concentratorThing('dc-1')), Buffer.from('a hello'));
    up = false;
    await expect(link.publish(topic, batch(2, 'e'))).rejects.toThrow('down');
    expect([published.frames, published.batches]).toEqual([7, 3]);
    up = true;
    const after = new Published();
    after.restore(published.save());
    await after.counted(line).publish(topic, batch(2, 'e'));
    await after.counted(line).publish(topic, batch(1, 'a', 'b'));
    expect([after.frames, after.batches]).toEqual([8, 4]);
  });
});

describe('NVRAM of a town in one file', () => {
  it('keeps each record apart, over a restart, for the owner alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'joulekeep-nvram-'));
    try {
      const path = join(folder, 'nvram.bin');
      const file = new NvramFile(path);
      file.slot(2).write(Buffer.from('two'));
      expect([0, 1, 3].map((index) => file.slot(index).read())).toEqual([undefined, undefined, undefined]);
      file.slot(0).write(Buffer.alloc(510, 7));
      file.slot(2).write(Buffer.from('2'));
      const again = new NvramFile(path);
      expect(again.slot(0).read()).toEqual(Buffer.alloc(510, 7));
      expect(again.slot(1).read()).toBeUndefined();
      expect(again.slot(2).read()).toEqual(Buffer.from('2'));
      expect(() => again.slot(1).write(Buffer.alloc(511))).toThrow(RangeError);
      expect(statSync(path).mode & 0o077).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('chance in the fleet', () => {
  it('is even, and the same for the same seed', () => {
    const random = new SeededRandom('even');
    const again = new SeededRandom('even');
    const tenths = new Array(10).fill(0);
    for (let i = 0; i < 20_000; i++) {
      const value = random.next();
      expect(again.next()).toBe(value);
      tenths[Math.floor(value * 10)] += 1;
    }
    for (const count of tenths) expect(Math.abs(count - 2_000)).toBeLessThan(250);
    expect(unit(1, 2, 3, 4)).toBe(unit(1, 2, 3, 4));
    expect(new Set(Array.from({ length: 1_000 }, (_, i) => unit(7, i))).size).toBeGreaterThan(995);
  });

  it('sends a transmission that two hear mostly to the nearest, sometimes to both or the other', () => {
    const radio = new Radio('air');
    const heard = { near: 0, far: 0, both: 0 };
    for (let i = 0; i < 1_000; i++) {
      const relays = radio.heardBy(['a', 'b']);
      heard[relays.length === 2 ? 'both' : relays[0] === 'a' ? 'near' : 'far'] += 1;
    }
    expect(heard.near).toBeGreaterThan(400);
    expect(heard.far).toBeGreaterThan(120);
    expect(heard.both).toBeGreaterThan(220);
    expect(radio.heardBy(['a'])).toEqual(['a']);
  });
});
