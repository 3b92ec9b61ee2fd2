import { encodeBatch, readBatch } from '../../protocol/batch.ts';
import { classifyDownlink } from '../../protocol/downlink.ts';
import { concentratorThing, TOPIC_RULES, upTopic } from '../../topology/device-access.ts';
import type { FlushReport } from '../concentrator/concentrator.ts';
import type { Link } from '../concentrator/link.ts';
import type { MeterOutput } from '../meter/output.ts';
import { flippedCopy, forgedFrame } from './forgery.ts';
import { SeededRandom } from './random.ts';
import type { Relay } from './relay.ts';

/** What the evil concentrator did, per kind; every frame it sent of its own is counted under exactly one of them. */
export interface AdversaryCounts {
  /** Frames in valid layout with known meter ids and random content. */
  forged: number;
  /** Copies of true frames with one bit turned over. */
  flipped: number;
  /** True frames sent again in later batches. */
  replayed: number;
  /** Frames that name meters nobody knows. */
  unknownMeter: number;
  /** Frames in batches that reuse a sequence with other bytes. */
  sequenceReused: number;
  /** Those batches. */
  batchesReused: number;
  /** True frames that were never sent on. */
  dropped: number;
  /** True frames held back for hours. */
  withheld: number;
  /** Of those: sent on at last. */
  released: number;
  downlinksWithheld: number;
  /** Downlinks handed to meters with one bit turned over. */
  downlinksForged: number;
  /** Old downlinks handed to meters again. */
  downlinksReplayed: number;
}

/** How often it does what, per true frame (or per flush where it says so). */
const HABIT = {
  drop: 0.1,
  forge: 0.05,
  flip: 0.05,
  replay: 0.05,
  replayMany: 0.004,
  manyTimes: 20,
  unknownMeter: 0.02,
  /** Per flush. */
  reuseSequence: 0.25,
  /** Per flush. */
  beginWithholding: 0.12,
  withholdShare: 0.6,
  releaseInTheEnd: 0.7,
  downlinkWithhold: 0.2,
  downlinkForge: 0.2,
  downlinkReplay: 0.05,
} as const;

const HOUR_MS = 3_600_000;
const REMEMBERED = 512;

export interface AdversaryOptions {
  readonly dcId: string;
  readonly seed: string;
  /** Virtual time, UTC ms. */
  readonly now: () => number;
  /** The way to the broker, with the concentrator's own certificate. */
  readonly link: Link;
}

/**
 * A concentrator in bad hands. It has the certificate of its place and every frame of its meters, but no content
 * key: around an honest concentrator it drops, holds back, repeats and makes up what it can.
 * @source X.1332 8.1 (true data blocked, false data sent; replay; malicious code on a concentrator)
 */
export class EvilConcentrator implements Relay {
  readonly #options: AdversaryOptions;
  readonly #random: SeededRandom;
  /** Apart, because when messages come back is not in the hand of the seed. */
  readonly #downRandom: SeededRandom;
  #honest: Relay | undefined;
  readonly #frames: { meterId: string; bytes: Buffer }[] = [];
  readonly #downlinks: { meterId: string; bytes: Buffer }[] = [];
  readonly #sequences: number[] = [];
  #held: { meterId: string; output: MeterOutput }[] = [];
  #withholdUntil = 0;
  readonly #outbox = new Set<Buffer>();
  #surrendered = false;
  readonly counts: AdversaryCounts = {
    forged: 0,
    flipped: 0,
    replayed: 0,
    unknownMeter: 0,
    sequenceReused: 0,
    batchesReused: 0,
    dropped: 0,
    withheld: 0,
    released: 0,
    downlinksWithheld: 0,
    downlinksForged: 0,
    downlinksReplayed: 0,
  };
  onDownlink: (meterId: string, bytes: Buffer) => void = () => {};

  constructor(options: AdversaryOptions) {
    this.#options = options;
    this.#random = new SeededRandom(`${options.seed} adversary ${options.dcId}`);
    this.#downRandom = new SeededRandom(`${options.seed} adversary ${options.dcId} down`);
  }

  /** The link to give the honest concentrator, so that its batch sequences are known here. */
  readonly link: Link = {
    publish: (topic, payload) => {
      if (topic === this.#topic) remember(this.#sequences, readBatch(payload).sequence, 64);
      return this.#options.link.publish(topic, payload);
    },
    onDown: (handler) => this.#options.link.onDown(handler),
    useIdentity: async (identity) => this.#options.link.useIdentity?.(identity),
  };

  /** Takes over a concentrator that was built on `link`. */
  capture(honest: Relay): void {
    this.#honest = honest;
    honest.onDownlink = (meterId, bytes) => this.#down(meterId, bytes);
  }

  /** An honest one takes its place: what was held back is gone, what was already on its way still goes. */
  surrender(): void {
    this.#surrendered = true;
    this.#held = [];
  }

  accept(output: MeterOutput, meterId: string): void {
    if (this.#surrendered || output.kind !== 'frame') {
      this.#honest!.accept(output, meterId);
      return;
    }
    if (this.#options.now() < this.#withholdUntil && this.#random.chance(HABIT.withholdShare)) {
      this.counts.withheld += 1;
      this.#held.push({ meterId, output });
    } else if (this.#random.chance(HABIT.drop)) this.counts.dropped += 1;
    else this.#honest!.accept(output, meterId);
    this.#addOwn(output.bytes, meterId);
    remember(this.#frames, { meterId, bytes: output.bytes }, REMEMBERED);
  }

  #addOwn(bytes: Buffer, meterId: string): void {
    const random = this.#random;
    const old = random.pick(this.#frames);
    if (random.chance(HABIT.forge)) this.#send('forged', forgedFrame(bytes, old?.meterId ?? meterId, random), meterId);
    if (random.chance(HABIT.flip)) this.#send('flipped', flippedCopy(bytes, random), meterId);
    if (random.chance(HABIT.unknownMeter)) this.#send('unknownMeter', forgedFrame(bytes, random.bytes(8).toString('hex'), random), meterId);
    if (old === undefined) return;
    if (random.chance(HABIT.replay)) this.#send('replayed', old.bytes, old.meterId);
    if (random.chance(HABIT.replayMany)) for (let i = 0; i < HABIT.manyTimes; i++) this.#send('replayed', old.bytes, old.meterId);
  }

  #send(kind: 'forged' | 'flipped' | 'replayed' | 'unknownMeter', bytes: Buffer, meterId: string): void {
    this.counts[kind] += 1;
    this.#honest!.accept({ kind: 'frame', bytes }, meterId);
  }

  async flush(): Promise<FlushReport> {
    if (!this.#surrendered) this.#plan(this.#options.now());
    const report = await this.#honest!.flush();
    // an unacknowledged batch may have arrived all the same: it is sent again unchanged, so that it counts once
    for (const batch of [...this.#outbox]) {
      await this.#options.link.publish(this.#topic, batch).then(
        () => this.#outbox.delete(batch),
        () => false,
      );
    }
    return { ...report, failed: report.failed + this.#outbox.size };
  }

  #plan(now: number): void {
    if (this.#withholdUntil > 0 && now >= this.#withholdUntil) this.#endWithholding();
    else if (this.#withholdUntil === 0 && this.#random.chance(HABIT.beginWithholding)) {
      this.#withholdUntil = now + (1 + this.#random.integer(6)) * HOUR_MS;
    }
    if (this.#random.chance(HABIT.reuseSequence)) this.#reuseSequence(now);
  }

  #endWithholding(): void {
    this.#withholdUntil = 0;
    if (this.#random.chance(HABIT.releaseInTheEnd)) {
      for (const { meterId, output } of this.#held) this.#honest!.accept(output, meterId);
      this.counts.released += this.#held.length;
    }
    this.#held = [];
  }

  #reuseSequence(now: number): void {
    const sequence = this.#random.pick(this.#sequences);
    const frames = Array.from({ length: 3 + this.#random.integer(8) }, () => this.#random.pick(this.#frames))
      .filter((frame) => frame !== undefined)
      .map(({ bytes }) => ({ receivedAt: now, bytes: this.#random.chance(0.5) ? bytes : flippedCopy(bytes, this.#random) }));
    if (sequence === undefined || frames.length === 0) return;
    this.counts.batchesReused += 1;
    this.counts.sequenceReused += frames.length;
    this.#outbox.add(encodeBatch(sequence, frames));
  }

  get #topic(): string {
    return upTopic(TOPIC_RULES.telemetry, concentratorThing(this.#options.dcId));
  }

  #down(meterId: string, bytes: Buffer): void {
    const random = this.#downRandom;
    if (this.#surrendered || classifyDownlink(bytes) !== 'mac') {
      this.onDownlink(meterId, bytes);
      return;
    }
    if (random.chance(HABIT.downlinkForge)) {
      this.counts.downlinksForged += 1;
      this.onDownlink(meterId, flippedCopy(bytes, random));
    }
    const old = random.chance(HABIT.downlinkReplay) ? random.pick(this.#downlinks) : undefined;
    if (old !== undefined) {
      this.counts.downlinksReplayed += 1;
      this.onDownlink(old.meterId, old.bytes);
    }
    remember(this.#downlinks, { meterId, bytes }, 256);
    if (random.chance(HABIT.downlinkWithhold)) this.counts.downlinksWithheld += 1;
    else this.onDownlink(meterId, bytes);
  }
}

/** Keeps the latest items. */
function remember<T>(items: T[], item: T, limit: number): void {
  items.push(item);
  if (items.length > limit) items.shift();
}
