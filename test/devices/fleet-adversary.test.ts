import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Link } from '../../devices/concentrator/link.ts';
import { EvilConcentrator } from '../../devices/fleet/adversary.ts';
import { flippedCopy, forgedFrame } from '../../devices/fleet/forgery.ts';
import { SeededRandom } from '../../devices/fleet/random.ts';
import type { Relay } from '../../devices/fleet/relay.ts';
import type { MeterOutput } from '../../devices/meter/output.ts';
import { encodeBatch, readBatch } from '../../protocol/batch.ts';
import { encodeDownlink } from '../../protocol/downlink.ts';
import { checkFrame, FRAME_OK, frameMeterId, readHeader, sealFrame } from '../../protocol/frame.ts';
import { generationKeys } from '../../protocol/keys.ts';
import { concentratorThing, TOPIC_RULES, upTopic } from '../../topology/device-access.ts';

const HOUR = 3_600_000;
const METERS = Array.from({ length: 10 }, (_, i) => `02000000000000${i.toString(16).padStart(2, '0')}`);
const keys = generationKeys(randomBytes(32));
const macKey = createSecretKey(randomBytes(32));
const TOPIC = upTopic(TOPIC_RULES.telemetry, concentratorThing('dc-1'));

const trueFrame = (meter: number, counter: number) =>
  sealFrame({ meterId: METERS[meter]!, epoch: 1, generation: 0, salt: 1, counter }, keys, Buffer.alloc(32, counter));
const acknowledgement = (meterId: string, dnSeq: number) =>
  encodeDownlink({ type: 'ack', meterId, epoch: 1, dnSeq, body: Buffer.alloc(9) }, macKey);

/** An honest relay that only notes what it is given and publishes a batch per flush. */
class Noted implements Relay {
  readonly #link: Link;
  #open: Buffer[] = [];
  #sequence = 0;
  readonly taken: Buffer[] = [];
  onDownlink: (meterId: string, bytes: Buffer) => void = () => {};

  constructor(link: Link) {
    this.#link = link;
  }

  accept(output: MeterOutput): void {
    this.taken.push(output.bytes);
    if (output.kind === 'frame') this.#open.push(output.bytes);
  }

  async flush() {
    const frames = this.#open.splice(0, 500).map((bytes) => ({ receivedAt: 0, bytes }));
    this.#sequence += 1;
    if (frames.length > 0) await this.#link.publish(TOPIC, encodeBatch(this.#sequence, frames));
    return { batches: 1, frames: frames.length, messages: 0, failed: 0 };
  }
}

function stage(seed: string, fails: () => boolean = () => false) {
  const published: { topic: string; payload: Buffer }[] = [];
  const delivered: { meterId: string; bytes: Buffer }[] = [];
  const clock = { now: Date.UTC(2026, 0, 1) };
  const link: Link = {
    publish: async (topic, payload) => {
      published.push({ topic, payload });
      if (fails()) throw new Error('the line is down');
    },
    onDown: () => {},
  };
  const evil = new EvilConcentrator({ dcId: 'dc-1', seed, now: () => clock.now, link });
  const honest = new Noted(evil.link);
  evil.capture(honest);
  evil.onDownlink = (meterId, bytes) => delivered.push({ meterId, bytes });
  return { evil, honest, published, delivered, clock };
}

type Stage = ReturnType<typeof stage>;

/** Ten meters, a frame an hour each; an acknowledgement for every frame. */
async function play({ evil, honest, clock }: Stage, hours: number): Promise<Buffer[]> {
  const sent: Buffer[] = [];
  for (let hour = 1; hour <= hours; hour++) {
    for (let meter = 0; meter < METERS.length; meter++) {
      const bytes = trueFrame(meter, hour);
      sent.push(bytes);
      evil.accept({ kind: 'frame', bytes }, METERS[meter]!);
      honest.onDownlink(METERS[meter]!, acknowledgement(METERS[meter]!, hour));
    }
    await evil.flush();
    clock.now += HOUR;
  }
  return sent;
}

describe('the evil concentrator', () => {
  it('does the same for the same seed, and something else for another', async () => {
    const [one, two, other] = [stage('s'), stage('s'), stage('t')];
    for (const set of [one, two, other]) await play(set, 60);
    expect(two.evil.counts).toEqual(one.evil.counts);
    expect(two.honest.taken).toEqual(one.honest.taken);
    expect(other.evil.counts).not.toEqual(one.evil.counts);
  });

  it('does everything in its book, and its counts account for every frame', async () => {
    const set = stage('count');
    const sent = await play(set, 300);
    const { counts } = set.evil;
    for (const [kind, count] of Object.entries(counts)) expect(`${kind} ${count > 0}`).toBe(`${kind} true`);
    expect(counts.dropped / sent.length).toBeGreaterThan(0.06);
    expect(counts.dropped / sent.length).toBeLessThan(0.14);
    expect(counts.released).toBeLessThan(counts.withheld);
    const own = counts.forged + counts.flipped + counts.replayed + counts.unknownMeter;
    const through = sent.length - counts.dropped - counts.withheld + counts.released;
    expect(set.honest.taken).toHaveLength(through + own);
    const batches = set.published.map(({ payload }) => readBatch(payload));
    const sequences = new Map<number, number>();
    for (const { sequence } of batches) sequences.set(sequence, (sequences.get(sequence) ?? 0) + 1);
    expect(batches.length - sequences.size).toBe(counts.batchesReused);
    expect(batches.reduce((sum, batch) => sum + batch.count, 0)).toBe(set.honest.taken.length + counts.sequenceReused);
  });

  it('forges frames that look right to the byte, from meters it heard and from meters nobody knows', () => {
    const random = new SeededRandom('forge');
    const known = new Set(METERS);
    for (let i = 0; i < 500; i++) {
      for (const plaintext of [32, 64, 320]) {
        const sample = sealFrame({ meterId: METERS[1]!, epoch: 2, generation: 3, salt: 9, counter: 5 }, keys, Buffer.alloc(plaintext));
        const forged = forgedFrame(sample, METERS[2]!, random);
        expect(checkFrame(forged, 0, forged.length)).toBe(FRAME_OK);
        expect(readHeader(forged, 0).meterId).toBe(METERS[2]);
        expect(known.has(frameMeterId(forgedFrame(sample, random.bytes(8).toString('hex'), random), 0))).toBe(false);
        const flipped = flippedCopy(sample, random);
        const bits = sample.reduce((sum, byte, at) => sum + (byte ^ flipped[at]!).toString(2).replaceAll('0', '').length, 0);
        expect(bits).toBe(1);
      }
    }
  });

  it('withholds, forges and repeats messages to meters, but for handshakes, which carry no MAC', async () => {
    const set = stage('down');
    await play(set, 100);
    const { downlinksWithheld, downlinksForged, downlinksReplayed } = set.evil.counts;
    expect(set.delivered).toHaveLength(1_000 - downlinksWithheld + downlinksForged + downlinksReplayed);
    const accept = Buffer.from('84430102', 'hex');
    for (let i = 0; i < 50; i++) set.honest.onDownlink(METERS[0]!, accept);
    expect(set.delivered.filter(({ bytes }) => bytes === accept)).toHaveLength(50);
    const hello = Buffer.from('a hello');
    set.evil.accept({ kind: 'hello', bytes: hello }, METERS[0]!);
    expect(set.honest.taken.filter((bytes) => bytes === hello)).toHaveLength(1);
  });

  it('sends an unacknowledged batch again unchanged', async () => {
    let down = false;
    const set = stage('line', () => down);
    await play(set, 40);
    down = true;
    const before = set.evil.counts.batchesReused;
    const flushes = [];
    for (let i = 0; i < 40; i++) flushes.push(await set.evil.flush());
    const made = set.evil.counts.batchesReused - before;
    expect(flushes.at(-1)!.failed).toBe(made);
    down = false;
    set.published.length = 0;
    set.evil.surrender();
    expect((await set.evil.flush()).failed).toBe(0);
    expect(set.published).toHaveLength(made);
    expect(made).toBeGreaterThan(0);
  });

  it('is as honest as any after it surrendered', async () => {
    const set = stage('swap');
    await play(set, 50);
    set.evil.surrender();
    const counts = { ...set.evil.counts };
    await set.evil.flush();
    set.honest.taken.length = 0;
    set.delivered.length = 0;
    const sent = await play(set, 50);
    expect(set.honest.taken).toEqual(sent);
    expect(set.delivered).toHaveLength(500);
    expect(set.evil.counts).toEqual(counts);
  });
});
