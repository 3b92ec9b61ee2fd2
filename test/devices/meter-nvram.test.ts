import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Keyring } from '../../devices/meter/keyring.ts';
import { ReferenceMeter } from '../../devices/meter/meter.ts';
import { decodeNvram, encodeNvram, MemoryNvram, type Nvram } from '../../devices/meter/nvram.ts';
import { readHeader } from '../../protocol/frame.ts';
import { T0 } from '../support/mdms.ts';
import { METER_ID, rig, running, type TestRig } from '../support/meter-rig.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What goes wrong with the n-th write, and whether the power goes with it. */
interface Fault {
  readonly write: number;
  readonly how: 'before' | 'after' | 'torn' | 'lost' | 'refused';
  /** Bytes of the new record that made it, for `torn`. */
  readonly cut: number;
}

/** NVRAM in which writes tear, vanish or fail; after a power cut nothing is written until the next boot. */
class FaultyNvram implements Nvram {
  #record: Buffer | undefined;
  #writes = 0;
  readonly #faults: readonly Fault[];
  dead = false;
  /** From now on everything works. */
  calm = false;

  constructor(faults: readonly Fault[]) {
    this.#faults = faults;
  }

  read(): Buffer | undefined {
    if (this.dead) throw new Error('no power');
    return this.#record;
  }

  write(record: Buffer): void {
    if (this.dead) throw new Error('no power');
    this.#writes += 1;
    const fault = this.calm ? undefined : this.#faults.find(({ write }) => write === this.#writes);
    if (fault?.how === 'lost') return;
    if (fault?.how === 'refused') throw new Error('worn out');
    if (fault === undefined || fault.how === 'after') this.#record = Buffer.from(record);
    if (fault?.how === 'torn') this.#record = torn(this.#record, record, fault.cut);
    if (fault === undefined) return;
    this.dead = true;
    throw new Error('power cut');
  }
}

function torn(old: Buffer | undefined, next: Buffer, cut: number): Buffer {
  const bytes = Buffer.from(old ?? Buffer.alloc(next.length, 0xff));
  next.copy(bytes, 0, 0, cut % next.length);
  return bytes;
}

const fault = fc.record({
  write: fc.integer({ min: 1, max: 60 }),
  how: fc.constantFrom('before', 'after', 'torn', 'lost', 'refused') satisfies fc.Arbitrary<Fault['how']>,
  cut: fc.nat(300),
});

/** Nonces a meter used: a repeat would be the end of the epoch's secrecy. */
function noncesOf(frames: readonly Buffer[]): string[] {
  return frames.map((frame) => {
    const { epoch, generation, counter } = readHeader(frame, 0);
    return `${epoch} ${generation} ${counter}`;
  });
}

/** Two days with an MDMS that answers, the last hours calm; the meter boots again after every power cut. */
async function live(r: TestRig, nvram: FaultyNvram, reboots: ReadonlySet<number>): Promise<{ frames: Buffer[]; meter: ReferenceMeter }> {
  let meter = r.meter;
  const frames: Buffer[] = [];
  for (let slot = 1; slot <= 192; slot++) {
    const now = T0 + slot * 900_000 + 90_000;
    nvram.calm = slot > 180;
    if (nvram.dead || reboots.has(slot)) {
      nvram.dead = false;
      meter = new ReferenceMeter(r.options);
    }
    meter.measure(0, T0 + slot * 900_000, slot);
    for (const { kind, bytes } of await meter.poll(now)) {
      if (kind === 'frame') frames.push(bytes);
      const answer = kind === 'hello' && (await r.mdms.answer(bytes, r.identityKey, now));
      if (answer) await meter.receive(answer, now);
    }
    const { epoch, pendingEpoch } = meter.status;
    const any = pendingEpoch ?? epoch;
    if (slot % 5 === 0 && any !== undefined) await meter.receive(r.mdms.time(METER_ID, any, now), now);
  }
  return { frames, meter };
}

describe('counter reserve, keys and epoch number in one record', () => {
  it('no counter is used twice, wherever a write tears, vanishes or fails, and the meter comes back', async () => {
    const property = fc.asyncProperty(
      fc.array(fault, { minLength: 1, maxLength: 6 }),
      fc.uniqueArray(fc.integer({ min: 1, max: 192 }), { maxLength: 4 }),
      async (faults, reboots) => {
        const nvram = new FaultyNvram(faults);
        const r = await rig({ nvram, readingsPerFrame: 1 });
        const { frames, meter } = await live(r, nvram, new Set(reboots));
        const nonces = noncesOf(frames);
        expect(new Set(nonces).size).toBe(nonces.length);
        for (const frame of frames) r.mdms.open(frame);
        expect(meter.status.epoch ?? meter.status.pendingEpoch).toBeDefined();
        expect(r.mdms.slots.size).toBe(192);
      },
    );
    await fc.assert(property, { numRuns: 40 });
  });

  it('the same check finds a meter whose NVRAM goes back in time, so it can fail', async () => {
    const nvram = new MemoryNvram();
    const r = await running({ nvram, readingsPerFrame: 1 });
    const early = Buffer.from(nvram.read()!);
    const frames: Buffer[] = [];
    for (let slot = 1; slot <= 20; slot++) {
      if (slot === 10) {
        nvram.write(early);
        r.meter.reboot();
      }
      r.meter.measure(0, T0 + slot * 900_000, slot);
      frames.push(...(await r.meter.poll(T0 + slot * 900_000 + 90_000)).map(({ bytes }) => bytes));
    }
    const nonces = noncesOf(frames);
    expect(new Set(nonces).size).toBeLessThan(nonces.length);
  });

  it('a write that is swallowed is noticed by reading back: keys gone, HELLO instead of a frame', async () => {
    const nvram = new MemoryNvram();
    const r = await running({ nvram });
    nvram.write = () => {};
    for (let slot = 1; slot <= 8; slot++) r.meter.measure(0, T0 + slot * 900_000, slot);
    const outputs = await r.meter.poll(T0 + 2 * HOUR + 90_000);
    expect(outputs).toEqual([]);
    expect(r.meter.status.epoch).toBeUndefined();
  });

  it('counters are set aside in blocks of 16 at most, and a boot starts behind the block', () => {
    const nvram = new MemoryNvram();
    const keyring = new Keyring(nvram, METER_ID, 1);
    keyring.propose(epochRecord());
    const counters = Array.from({ length: 40 }, () => readHeader(keyring.seal('pending', Buffer.alloc(32))!, 0).counter);
    expect(counters).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    const reading = decodeNvram(nvram.read()!);
    expect(reading.sound && reading.content.pending?.reserve).toBe(48);
    const booted = new Keyring(nvram, METER_ID, 2);
    expect(readHeader(booted.seal('pending', Buffer.alloc(32))!, 0)).toMatchObject({ counter: 49, salt: 2 });
  });

  it('the message limit of the epoch ends it', () => {
    const keyring = new Keyring(new MemoryNvram(), METER_ID, 1);
    keyring.propose({ ...epochRecord(), messageLimit: 20 });
    const sealed = Array.from({ length: 30 }, () => keyring.seal('pending', Buffer.alloc(32)));
    expect(sealed.filter((frame) => frame !== undefined)).toHaveLength(20);
    expect(keyring.usable('pending', T0)).toBe(false);
  });

  it('every altered bit and every cut of a record is noticed; the epoch number outlives damage behind it', () => {
    const record = encodeNvram({ lastEpoch: 77, suiteFloor: 1, current: epochRecord(), pending: undefined });
    expect(decodeNvram(record)).toEqual({
      sound: true,
      content: { lastEpoch: 77, suiteFloor: 1, current: epochRecord(), pending: undefined },
    });
    for (let bit = 0; bit < record.length * 8; bit++) {
      const altered = Buffer.from(record);
      altered[bit >> 3]! ^= 1 << (bit & 7);
      const reading = decodeNvram(altered);
      expect(reading.sound).toBe(false);
      if (bit >= 64) expect(reading).toEqual({ sound: false, lastEpoch: 77 });
      else expect(reading).toEqual({ sound: false, lastEpoch: 0 });
    }
    for (let cut = 0; cut < record.length; cut++) expect(decodeNvram(record.subarray(0, cut)).sound).toBe(false);
  });
});

function epochRecord() {
  return {
    epoch: 3,
    suite: 1,
    notBefore: T0,
    notAfter: T0 + 10 * DAY,
    messageLimit: 65_536,
    reserve: 0,
    dnSeq: 5,
    generation: 0,
    chain: Buffer.alloc(32, 1),
    macDown: Buffer.alloc(32, 2),
    confirmation: Buffer.alloc(16, 3),
  };
}
