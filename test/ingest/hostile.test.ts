import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { INGEST_LIMITS } from '../../lambdas/ingest/limits.ts';
import { EpochVault } from '../../lambdas/shared/keys/epoch-vault.ts';
import { encodePlaintext, type Plaintext } from '../../protocol/plaintext.ts';
import { QUARTER_MS } from '../support/sealed-town.ts';
import { FIRST_HOUR, IngestWorld, START } from './ingest-world.ts';

const honest = (world: IngestWorld, at = FIRST_HOUR) => world.town.map((meter) => meter.reading(at, [1, 2, 3, 4]));
const flipped = (frame: Buffer, bit: number): Buffer => {
  const copy = Buffer.from(frame);
  copy[bit >>> 3]! ^= 1 << (bit & 7);
  return copy;
};

/** Every hostile frame refused, every honest one of the same batch accepted. */
async function onlyHonest(world: IngestWorld, hostile: readonly Buffer[], batchSize = 400): Promise<void> {
  for (let from = 0; from < hostile.length; from += batchSize) {
    const hour = FIRST_HOUR + (from / batchSize) * 4 * QUARTER_MS;
    await world.deliver([...hostile.slice(from, from + batchSize), ...honest(world, hour)], 'one', hour);
  }
  const tally = await world.tally();
  const batches = Math.ceil(hostile.length / batchSize);
  expect(tally.accepted).toBe(batches * world.town.length);
  expect(tally.quarantined).toBe(hostile.length);
  await world.reconciles();
}

describe('framing (A)', () => {
  it('R9.1-2: every single bit of a frame flipped is refused, the rest of the batch unharmed', async () => {
    const world = await IngestWorld.make();
    const frame = world.town[0]!.reading(FIRST_HOUR, [5, 6, 7, 8]);
    await onlyHonest(
      world,
      Array.from({ length: frame.length * 8 }, (_, bit) => flipped(frame, bit)),
    );
  });

  it('R9.1-2: a frame cut at every offset, and one with 1 to 64 bytes more, is refused', async () => {
    const world = await IngestWorld.make();
    const frame = world.town[0]!.reading(FIRST_HOUR, [5, 6, 7, 8]);
    const cut = Array.from({ length: frame.length }, (_, length) => frame.subarray(0, length));
    const longer = Array.from({ length: 64 }, (_, more) => Buffer.concat([frame, randomBytes(more + 1)]));
    await onlyHonest(world, [...cut, ...longer]);
  });

  it('refuses text and lone bytes the same way', async () => {
    const world = await IngestWorld.make();
    const texts = ['', '\u0083', '{"meterId":"0a0b0c0000000000","wh":17}', Buffer.from('clear reading').toString('base64')];
    await onlyHonest(
      world,
      texts.map((text) => Buffer.from(text, 'latin1')),
    );
  });

  it('records a batch that is no batch, and gives the queue nothing to send again', async () => {
    const world = await IngestWorld.make();
    const body = JSON.stringify({ dcId: 'one', brokerTime: START, batch: Buffer.from('JKB2 nonsense').toString('base64') });
    await world.deliverBodies([body]);
    await world.deliverBodies([body]);
    expect((await world.tally()).refusedByReason).toEqual({ 'batch-layout': 1 });
  });
});

describe('crypto and header (B)', () => {
  it('C10.1-4: a clear reading is refused, in whatever frame it comes', async () => {
    const world = await IngestWorld.make();
    const inFrames = [4, 24].flatMap((count) => {
      const deltas = Array.from({ length: count }, () => 9);
      const frame = world.town[0]!.reading(FIRST_HOUR, deltas);
      const fields = { flags: 0, channel: 0, end: FIRST_HOUR / 1000, minutes: 15, register: 9 * count, head: Buffer.alloc(8), deltas };
      const clear = encodePlaintext({ kind: 'reading', ...fields } as Plaintext);
      const header = count === 4 ? 33 : 34;
      return [clear, Buffer.concat([frame.subarray(0, header), clear, frame.subarray(header + clear.length)])];
    });
    await onlyHonest(world, inFrames);
  });

  it('T8-P3: of 100,000 mutations by a concentrator none is accepted', { timeout: 180_000 }, async () => {
    const generous = { burst: 1e9, perHour: 1e9 };
    const limits = {
      meter: generous,
      relay: generous,
      stranger: generous,
      keyLookups: generous,
      firstKeyLookups: generous,
      keyObjects: 1_000,
      raws: { burst: 5, perHour: 5 },
      floodingFrames: 1e9,
    };
    const world = await IngestWorld.make({}, { limits });
    const true_ = world.town.map((meter) => meter.reading(FIRST_HOUR, [5, 6, 7, 8]));
    for (let batch = 0; batch < 200; batch++) {
      await world.deliver(Array.from({ length: 500 }, (_, i) => mutated(true_[i % true_.length]!, batch * 500 + i)));
    }
    const tally = await world.tally();
    expect(tally.quarantined).toBe(100_000);
    expect(tally.accepted).toBe(0);
    await world.deliver(honest(world));
    expect((await world.tally()).accepted).toBe(world.town.length);
  });

  it('R9.1-4: a frame of one meter under the name of another is refused', async () => {
    const world = await IngestWorld.make();
    const relabelled = world.town.slice(1).map((other) => {
      const frame = world.town[0]!.reading(FIRST_HOUR, [1, 1, 1, 1]);
      frame.write(other.meterId, 8, 'hex');
      return frame;
    });
    await onlyHonest(world, relabelled);
  });

  it('C10.1-5: damage is found at the MDMS, with its reason and the hop it came over', async () => {
    const world = await IngestWorld.make();
    const frame = world.town[0]!.reading(FIRST_HOUR, [5, 6, 7, 8]);
    await world.deliver([flipped(frame, 40 * 8)], 'two');
    const refused = (await world.events('segment/')).filter((event) => event.type === 'FramesRefused');
    const hash = createHash('sha256')
      .update(flipped(frame, 40 * 8))
      .digest('hex');
    expect(refused).toHaveLength(1);
    expect(refused[0]!.data).toMatchObject({ hop: 'two', counts: { 'not-authentic': 1 } });
    expect(Buffer.from(refused[0]!.data.hashes[0]!).toString('hex')).toBe(hash);
  });
});

/** One random change of content: bits, bytes, ends, pieces of another place. Deterministic by number. */
function mutated(frame: Buffer, n: number): Buffer {
  const copy = Buffer.from(frame);
  const random = createHash('sha256').update(`mutation ${n}`).digest();
  const at = 33 + (random.readUInt16BE(0) % (copy.length - 33));
  switch (n % 4) {
    case 0:
      copy[at]! ^= 1 << (random[2]! & 7);
      return copy;
    case 1:
      copy[at] = (copy[at]! + 1 + (random[2]! % 255)) & 255;
      return copy;
    case 2: {
      const length = 1 + (random[2]! % 8);
      for (let i = at; i < Math.min(copy.length, at + length); i++) copy[i]! ^= 1 + (random[3 + (i % 16)]! % 255);
      return copy;
    }
    default:
      copy.writeUIntBE(1 + random.readUIntBE(2, 4), 25, 5);
      return copy;
  }
}

describe('epochs without keys', () => {
  it('C10.1-6: a frame of an epoch whose secret is destroyed is refused as such, one of an epoch never agreed as unknown', async () => {
    const world = await IngestWorld.make();
    const [meter] = world.town;
    const late = meter!.reading(FIRST_HOUR, [1, 2, 3, 4]);
    meter!.renew();
    const vault = new EpochVault(world.world.as('keys'));
    await vault.store(meter!.meterId, 2, meter!.secret);
    await vault.destroy(meter!.meterId, 1);
    const current = meter!.reading(FIRST_HOUR, [1, 2, 3, 4]);
    meter!.renew();
    await world.deliver([late, current, meter!.reading(FIRST_HOUR, [1, 2, 3, 4])]);
    expect(await world.tally()).toMatchObject({ accepted: 1, refusedByReason: { 'epoch-destroyed': 1, 'unknown-epoch': 1 } });
  });

  it('T8.1-4: made-up epochs of a meter without any key cost a concentrator its share of look-ups, and no more', async () => {
    const world = await IngestWorld.make({}, { limits: { ...INGEST_LIMITS, firstKeyLookups: { burst: 20, perHour: 1 } } });
    const [meter] = world.town;
    const frame = meter!.reading(FIRST_HOUR, [1, 2, 3, 4]);
    await new EpochVault(world.world.as('keys')).destroy(meter!.meterId, 1);
    const calls = countCalls(world);
    const forged = Array.from({ length: 400 }, (_, i) => {
      const copy = Buffer.from(frame);
      copy.writeUInt16BE(100 + i, 16);
      return copy;
    });
    await world.deliver(forged, 'two');
    expect(calls.keys).toBe(20);
    expect((await world.tally()).refusedByReason['unknown-epoch']).toBe(400);
  });
});

describe('relays and floods (E, K)', () => {
  it('C10.1-1: frames over a concentrator that the meter is not assigned to are held, not counted and not lost', async () => {
    const world = await IngestWorld.make({ relays: ['one'] });
    const frames = honest(world);
    await world.deliver(frames, 'stranger');
    expect(await world.tally()).toMatchObject({ accepted: 0, refusedByReason: { 'unassigned-relay': 8 } });
    await world.deliver(frames, 'one');
    expect(await world.tally()).toMatchObject({ accepted: 8, quarantined: 8 });
    await world.reconciles();
  });

  it('T8.1-4: who floods with frames of a meter over a concentrator that is not its own takes nothing of what it may send over its own', async () => {
    const limits = { ...INGEST_LIMITS, meter: { burst: 12, perHour: 1 } };
    const world = await IngestWorld.make({ meters: 1, relays: ['one'] }, { limits });
    const [meter] = world.town;
    const ends = Array.from({ length: 14 }, (_, hour) => FIRST_HOUR + hour * 4 * QUARTER_MS);
    const now = ends.at(-1)!;
    const flood = Array.from({ length: 100 }, () => meter!.reading(now, [1, 1, 1, 1]));
    await world.deliver(flood, 'stranger', now);
    expect((await world.tally()).refusedByReason).toEqual({ 'unassigned-relay': 100 });
    const own = ends.map((end) => meter!.reading(end, [1, 2, 3, 4]));
    await world.deliver(own, 'one', now);
    expect(await world.tally()).toMatchObject({ accepted: 12, refusedByReason: { 'unassigned-relay': 100, 'meter-throttled': 2 } });
  });

  it('K2: of a million frames that name unknown meters none costs a look-up or a key', { timeout: 120_000 }, async () => {
    const world = await IngestWorld.make();
    await world.deliver(honest(world));
    const reads = countCalls(world);
    const frame = world.town[0]!.reading(FIRST_HOUR, [1, 1, 1, 1]);
    for (let batch = 0; batch < 2_000; batch++) {
      const ids = randomBytes(4_000);
      await world.deliver(
        Array.from({ length: 500 }, (_, i) => renamed(frame, ids.subarray((i % 500) * 8, (i % 500) * 8 + 8))),
        'evil',
      );
    }
    const tally = await world.tally();
    expect(tally.refusedByReason['unknown-meter']).toBe(1_000_000);
    expect(reads.keys).toBe(0);
    expect(reads.kms).toBe(0);
    expect(reads.routes).toBe(0);
  });

  it('T8.1-4, C10.1-8: 100 of 2,000 meters flood: throttled, then quarantined; honest ones get their share, over the same concentrator too', async () => {
    const limits = { ...INGEST_LIMITS, meter: { burst: 120, perHour: 60 }, floodingFrames: 1_000 };
    const world = await IngestWorld.make({ meters: 2_000 }, { limits });
    const flooders = world.town.slice(0, 100);
    const others = world.town.slice(100);
    for (let hour = 1; hour <= 6; hour++) {
      const at = START + hour * 4 * QUARTER_MS;
      const flood = flooders.flatMap((meter) => Array.from({ length: 300 }, () => meter.reading(at, [1, 1, 1, 1])));
      for (let from = 0; from < flood.length; from += 500) await world.deliver(flood.slice(from, from + 500), 'two', at);
      const honestFrames = others.map((meter) => meter.reading(at, [1, 2, 3, 4]));
      for (let from = 0; from < honestFrames.length; from += 475) {
        await world.deliver(honestFrames.slice(from, from + 475), from % 950 === 0 ? 'one' : 'two', at);
      }
    }
    const events = await world.events();
    const tally = await world.tally();
    const honestOnes = new Set(others.map(({ meterId }) => meterId));
    const fold = await acceptedPerMeter(world);
    for (const meter of others) expect(fold.get(meter.meterId)).toBe(6);
    expect(tally.refusedByReason['meter-throttled']).toBeGreaterThan(10_000);
    const quarantined = events.filter((event) => event.type === 'MemberAmended' && event.data.status === 'quarantined');
    expect(quarantined).toHaveLength(flooders.length);
    const told = world.world.logged.filter(({ fields }) => fields?.code === 'DEVICE_QUARANTINED');
    expect(told.map(({ fields }) => fields?.reason)).toEqual(flooders.map(() => 'flooding'));
    for (const event of quarantined) expect(honestOnes.has((event.data as { meterId: string }).meterId)).toBe(false);
    await world.reconciles();
  });
});

function renamed(frame: Buffer, id: Buffer): Buffer {
  const copy = Buffer.from(frame);
  copy.set(id, 8);
  return copy;
}

/** What ingest asks of the world outside from now on. */
function countCalls({ world }: IngestWorld): { keys: number; kms: number; routes: number } {
  const calls = { keys: 0, kms: 0, routes: 0 };
  const { list } = world.keys;
  world.keys.list = (prefix) => {
    // A segment's own rows are looked up when it is loaded, whatever comes.
    if (!prefix.startsWith('segment/')) calls.keys++;
    return list.call(world.keys, prefix);
  };
  const { get } = world.directory;
  world.directory.get = (key) => {
    if (key.startsWith('route/')) calls.routes++;
    return get.call(world.directory, key);
  };
  const before = world.kms.calls.length;
  Object.defineProperty(calls, 'kms', { get: () => world.kms.calls.length - before });
  return calls;
}

async function acceptedPerMeter(world: IngestWorld): Promise<Map<string, number>> {
  const perMeter = new Map<string, number>();
  for (const event of await world.events('segment/')) {
    if (event.type !== 'FramesAccepted') continue;
    const header = Buffer.from(event.data.frames.header);
    for (let i = 0; i < event.data.frames.count; i++) {
      const meterId = header.toString('hex', i * 20, i * 20 + 8);
      perMeter.set(meterId, (perMeter.get(meterId) ?? 0) + 1);
    }
  }
  return perMeter;
}
