import { generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import {
  BATCH_HEAD_BYTES,
  BATCH_LIMIT,
  batchBytesOf,
  encodeBatch,
  type ParcelItem,
  readParcel,
  TO_CONCENTRATOR,
} from '../../protocol/batch.ts';
import { concentratorThing, TOPIC_RULES, upTopic } from '../../topology/device-access.ts';
import { createCsr } from '../meter/csr.ts';
import type { MeterOutput } from '../meter/output.ts';
import type { Link, LinkIdentity } from './link.ts';
import type { Spool, SpooledBatch } from './spool.ts';

interface ConcentratorLimits {
  /** A batch that is not acknowledged so long after its last frame came is given up; the meters still have the readings. */
  readonly maxAgeMs: number;
  /** Frame bytes held at most; beyond, the oldest batch is given up. */
  readonly maxSpoolBytes: number;
  /** Publishes that wait for their PUBACK. */
  readonly inFlight: number;
}

const CONCENTRATOR_LIMITS: ConcentratorLimits = { maxAgeMs: 72 * 3_600_000, maxSpoolBytes: 256 * 1024 * 1024, inFlight: 16 };

const MESSAGE_BYTES = 4_096;
const WAITING_MESSAGES = 10_000;

export interface ConcentratorOptions {
  readonly dcId: string;
  readonly spool: Spool;
  readonly link: Link;
  /** UTC ms. */
  readonly now: () => number;
  readonly limits?: Partial<ConcentratorLimits>;
  /** The renewed identity, to be kept by whoever keeps the device's files. */
  readonly onIdentity?: (identity: LinkIdentity) => void;
}

/** What one flush did; `failed` batches stay in the spool. */
export interface FlushReport {
  readonly batches: number;
  readonly frames: number;
  readonly messages: number;
  readonly failed: number;
}

interface ConcentratorStats {
  /** Distinct batches with a PUBACK. */
  readonly batches: number;
  /** Frames in them. */
  readonly frames: number;
  /** Frames that wait. */
  readonly spooled: number;
  /** Frames and messages given up, or too long to relay. */
  readonly dropped: number;
}

/**
 * Store and forward between meters and broker. It relays opaque bytes: of a frame it knows the length and the time it
 * came, nothing else, and it holds no key but that of its own link.
 * @source X.1332 8.1, 9.1, 10.1
 */
export class Concentrator {
  /** Called with every message for a meter, one by one. */
  onDownlink: (meterId: string, bytes: Buffer) => void = () => {};
  readonly #options: ConcentratorOptions;
  readonly #limits: ConcentratorLimits;
  readonly #thing: string;
  readonly #messages = new Map<string, Buffer>();
  readonly #counts = { batches: 0, frames: 0, dropped: 0 };
  #openBytes = BATCH_HEAD_BYTES;
  #renewal: { privateKey: KeyObject } | undefined;
  #flushing: Promise<unknown> = Promise.resolve();

  constructor(options: ConcentratorOptions) {
    this.#options = options;
    this.#limits = { ...CONCENTRATOR_LIMITS, ...options.limits };
    this.#thing = concentratorThing(options.dcId);
    for (const frame of options.spool.open) this.#openBytes += batchBytesOf(frame.bytes.length);
    options.link.onDown((payload) => this.#receiveParcel(payload));
  }

  get stats(): ConcentratorStats {
    const { open, batches } = this.#options.spool;
    return { ...this.#counts, spooled: batches.reduce((sum, batch) => sum + batch.frames.length, open.length) };
  }

  /** Takes what a meter sent. `meterId` is who sent it on the local side; a frame is not looked into for it. */
  accept(output: MeterOutput, meterId: string): void {
    if (output.bytes.length === 0 || output.bytes.length > MESSAGE_BYTES) this.#counts.dropped += 1;
    else if (output.kind === 'frame') this.#spoolFrame(output.bytes);
    else this.#keepMessage(`${output.kind} ${meterId}`, output.bytes);
  }

  /**
   * Closes the open batch and publishes everything that waits. An unacknowledged batch stays in the spool for 72 h
   * and goes out again unchanged: same sequence, same bytes. Never rejects.
   */
  flush(): Promise<FlushReport> {
    const run = this.#flushing.then(() => this.#flush());
    this.#flushing = run.then(
      () => {},
      () => {},
    );
    return run;
  }

  /** Makes a new key here and asks for its certificate; the switch follows when the certificate comes. Rejects when the request can't be published. */
  async renewCertificate(): Promise<void> {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    this.#renewal = { privateKey };
    await this.#options.link.publish(upTopic(TOPIC_RULES.service, this.#thing), await createCsr(this.#thing, privateKey));
  }

  #spoolFrame(bytes: Buffer): void {
    const { spool, now } = this.#options;
    const size = batchBytesOf(bytes.length);
    if (this.#openBytes + size > BATCH_LIMIT.bytes) this.#closeBatch();
    spool.append({ receivedAt: Math.max(0, Math.round(now())), bytes });
    this.#openBytes += size;
    if (spool.open.length >= BATCH_LIMIT.frames) this.#closeBatch();
    while (spool.bytes > this.#limits.maxSpoolBytes && spool.batches.length > 0) this.#giveUp(spool.batches[0]!);
  }

  #closeBatch(): void {
    const { spool } = this.#options;
    if (spool.open.length > 0) spool.close(spool.open.length);
    this.#openBytes = BATCH_HEAD_BYTES;
  }

  /** Newest per meter and kind: a meter repeats what stays unanswered. */
  #keepMessage(key: string, bytes: Buffer): void {
    if (this.#messages.size >= WAITING_MESSAGES && !this.#messages.has(key)) this.#counts.dropped += 1;
    else this.#messages.set(key, bytes);
  }

  #giveUp(batch: SpooledBatch): void {
    this.#counts.dropped += batch.frames.length;
    this.#options.spool.remove(batch.sequence);
  }

  async #flush(): Promise<FlushReport> {
    const { spool, now } = this.#options;
    this.#closeBatch();
    const oldest = now() - this.#limits.maxAgeMs;
    for (const batch of spool.batches.filter((batch) => batch.frames.at(-1)!.receivedAt < oldest)) this.#giveUp(batch);
    spool.sync();
    const before = { ...this.#counts };
    const messages = await this.#publishAll([...this.#messages], ([key, bytes]) => this.#publishMessage(key, bytes));
    const batches = await this.#publishAll([...spool.batches], (batch) => this.#publishBatch(batch));
    return {
      batches: this.#counts.batches - before.batches,
      frames: this.#counts.frames - before.frames,
      messages: messages.done,
      failed: messages.failed + batches.failed,
    };
  }

  async #publishMessage(key: string, bytes: Buffer): Promise<void> {
    await this.#options.link.publish(upTopic(TOPIC_RULES.handshake, this.#thing), bytes);
    if (this.#messages.get(key) === bytes) this.#messages.delete(key);
  }

  async #publishBatch(batch: SpooledBatch): Promise<void> {
    await this.#options.link.publish(upTopic(TOPIC_RULES.telemetry, this.#thing), encodeBatch(batch.sequence, batch.frames));
    this.#options.spool.remove(batch.sequence);
    this.#counts.batches += 1;
    this.#counts.frames += batch.frames.length;
  }

  /** Oldest first, `inFlight` at a time. After the first failure nothing new is started: the line is down. */
  async #publishAll<T>(items: readonly T[], publish: (item: T) => Promise<void>): Promise<{ done: number; failed: number }> {
    let next = 0;
    let done = 0;
    let failed = 0;
    const worker = async () => {
      while (next < items.length && failed === 0) {
        const item = items[next++]!;
        await publish(item).then(
          () => {
            done += 1;
          },
          () => {
            failed += 1;
          },
        );
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.#limits.inFlight, items.length) }, worker));
    return { done, failed: items.length - done };
  }

  #receiveParcel(payload: Buffer): void {
    for (const { meterId, bytes } of itemsOf(payload)) {
      if (meterId === TO_CONCENTRATOR) this.#receiveCertificate(bytes);
      else this.onDownlink(meterId, bytes);
    }
  }

  /** Switches to the renewed identity when the certificate is for the key that waits, and for no other. */
  #receiveCertificate(der: Buffer): void {
    const renewal = this.#renewal;
    if (renewal === undefined || !certifies(der, renewal.privateKey, this.#thing)) return;
    this.#renewal = undefined;
    const identity = { key: renewal.privateKey, certificate: der };
    this.#options.onIdentity?.(identity);
    void this.#options.link.useIdentity?.(identity).catch(() => {});
  }
}

function itemsOf(payload: Buffer): readonly ParcelItem[] {
  try {
    return readParcel(payload);
  } catch {
    return [];
  }
}

function certifies(der: Buffer, privateKey: KeyObject, thing: string): boolean {
  try {
    const certificate = new X509Certificate(der);
    return certificate.subject === `CN=${thing}` && certificate.checkPrivateKey(privateKey);
  } catch {
    return false;
  }
}
