import { createSecretKey, type KeyObject } from 'node:crypto';
import { type GenerationKeys, sealFrame } from '../../protocol/frame.ts';
import { EPOCH, generationKeys, nextChain } from '../../protocol/keys.ts';
import { decodeNvram, type EpochRecord, encodeNvram, type Nvram, type NvramContent, ownBytes } from './nvram.ts';

/** Counters are set aside in blocks of at most this many. */
const RESERVE_BLOCK = 16;
const DAY_MS = 86_400_000;
const LAST_EPOCH = 0xffff;

export type EpochPlace = 'current' | 'pending';

/**
 * The meter's epoch keys, as they stand in NVRAM. No counter is used that a verified write did not set aside before,
 * and a record that does not verify or can't be written costs the keys, never a nonce.
 * @source X.1332 10.1; protocol.md, uplink frame
 */
export class Keyring {
  readonly #nvram: Nvram;
  readonly #meterId: string;
  readonly #salt: number;
  #content: NvramContent = { lastEpoch: 0, suiteFloor: 1, current: undefined, pending: undefined };
  #counters = { current: 0, pending: 0 };
  #cached: { place: EpochPlace; generation: number; keys: GenerationKeys } | undefined;
  /** Writes that failed or did not read back. */
  faults = 0;

  /** Reads the record. @param salt boot salt, u32 */
  constructor(nvram: Nvram, meterId: string, salt: number) {
    this.#nvram = nvram;
    this.#meterId = meterId;
    this.#salt = salt;
    const record = nvram.read();
    if (record === undefined) return;
    const reading = decodeNvram(record);
    if (reading.sound) this.#content = reading.content;
    else this.#content.lastEpoch = reading.lastEpoch;
    this.#counters = { current: this.#content.current?.reserve ?? 0, pending: this.#content.pending?.reserve ?? 0 };
  }

  get lastEpoch(): number {
    return this.#content.lastEpoch;
  }
  get suiteFloor(): number {
    return this.#content.suiteFloor;
  }
  get current(): Readonly<EpochRecord> | undefined {
    return this.#content.current;
  }
  get pending(): Readonly<EpochRecord> | undefined {
    return this.#content.pending;
  }

  /**
   * Takes the next epoch number for a HELLO; the last one again and again, so that EPOCH-IS can lead a meter back that was
   * led astray. @returns undefined when it could not be made durable
   */
  burnEpoch(): number | undefined {
    this.#content.lastEpoch = Math.min(this.#content.lastEpoch + 1, LAST_EPOCH);
    return this.#persist() ? this.#content.lastEpoch : undefined;
  }

  /**
   * EPOCH-IS: the next HELLO proposes the number after `epoch`. A meter that was heard by nobody for weeks has burnt more
   * numbers than the MDMS looks ahead, and goes back: those numbers never had keys. Its own epochs it never repeats, but a
   * pending one that the MDMS doesn't know is none.
   */
  followEpoch(epoch: number): boolean {
    const dropped = (this.#content.pending?.epoch ?? 0) > epoch;
    if (dropped) this.#dropPending();
    const { lastEpoch, current, pending } = this.#content;
    const own = Math.max(current?.epoch ?? 0, pending?.epoch ?? 0);
    const tooFar = lastEpoch >= epoch + EPOCH.helloAhead;
    if (epoch > lastEpoch || tooFar) this.#content.lastEpoch = Math.max(epoch, own);
    else if (!dropped) return true;
    return this.#persist();
  }

  /** A handshake succeeded: its epoch waits for the first valid downlink. */
  propose(record: EpochRecord): boolean {
    wipe(this.#content.pending);
    this.#content.pending = record;
    this.#content.suiteFloor = Math.max(this.#content.suiteFloor, record.suite);
    this.#counters.pending = 0;
    this.#cached = undefined;
    return this.#persist();
  }

  /** The MDMS answered under the pending epoch: it is the current one from now on, the old keys are gone. */
  promote(): boolean {
    wipe(this.#content.current);
    this.#content.current = this.#content.pending;
    this.#content.pending = undefined;
    this.#counters = { current: this.#counters.pending, pending: 0 };
    this.#cached = undefined;
    return this.#persist();
  }

  /** A downlink is obeyed once: false unless its sequence is higher than any before under this epoch. */
  advanceDownlink(place: EpochPlace, dnSeq: number): boolean {
    const record = this.#content[place];
    if (record === undefined || dnSeq <= record.dnSeq) return false;
    record.dnSeq = dnSeq;
    return this.#persist();
  }

  placeOf(epoch: number): EpochPlace | undefined {
    if (this.#content.current?.epoch === epoch) return 'current';
    return this.#content.pending?.epoch === epoch ? 'pending' : undefined;
  }

  macKey(epoch: number): KeyObject | undefined {
    const place = this.placeOf(epoch);
    return place === undefined ? undefined : createSecretKey(this.#content[place]!.macDown);
  }

  /** Ratchets both epochs to the day of `now` (ms of the meter's clock), erasing the chains before. */
  erasePast(now: number): void {
    let changed = false;
    for (const record of [this.#content.current, this.#content.pending]) {
      if (record === undefined) continue;
      const today = Math.min(Math.floor((now - record.notBefore) / DAY_MS), EPOCH.maxGeneration);
      for (; record.generation < today; record.generation += 1) {
        const next = ownBytes(nextChain(record.chain));
        record.chain.fill(0);
        record.chain = next;
        changed = true;
      }
    }
    if (!changed) return;
    this.#cached = undefined;
    this.#persist();
  }

  /** May frames be sealed under this epoch at `now`, ms of the meter's clock? At most 10 days, and its message limit. */
  usable(place: EpochPlace, now: number): boolean {
    const record = this.#content[place];
    if (record === undefined) return false;
    const end = Math.min(record.notAfter, record.notBefore + EPOCH.sealDays * DAY_MS);
    return now < end && this.#counters[place] < record.messageLimit;
  }

  /** Seals one frame under a fresh counter. @returns undefined when no counter could be set aside: the keys are gone then */
  seal(place: EpochPlace, plaintext: Buffer): Buffer | undefined {
    const counter = this.#nextCounter(place);
    const record = this.#content[place];
    if (counter === undefined || record === undefined) return undefined;
    if (this.#cached?.place !== place || this.#cached.generation !== record.generation) {
      this.#cached = { place, generation: record.generation, keys: generationKeys(record.chain) };
    }
    const header = { meterId: this.#meterId, epoch: record.epoch, generation: record.generation, salt: this.#salt, counter };
    return sealFrame(header, this.#cached.keys, plaintext);
  }

  #nextCounter(place: EpochPlace): number | undefined {
    const record = this.#content[place];
    if (record === undefined || this.#counters[place] >= record.messageLimit) return undefined;
    if (this.#counters[place] >= record.reserve) {
      record.reserve = Math.min(this.#counters[place] + RESERVE_BLOCK, record.messageLimit);
      if (!this.#persist()) return undefined;
    }
    this.#counters[place] += 1;
    return this.#counters[place];
  }

  #dropPending(): void {
    wipe(this.#content.pending);
    this.#content.pending = undefined;
    this.#counters.pending = 0;
    this.#cached = undefined;
  }

  /** Writes and reads back; a write that fails costs the keys. */
  #persist(): boolean {
    const record = encodeNvram(this.#content);
    if (this.#written(record)) return true;
    this.faults += 1;
    wipe(this.#content.current);
    wipe(this.#content.pending);
    this.#content.current = undefined;
    this.#content.pending = undefined;
    this.#counters = { current: 0, pending: 0 };
    this.#cached = undefined;
    this.#written(encodeNvram(this.#content));
    return false;
  }

  #written(record: Buffer): boolean {
    try {
      this.#nvram.write(record);
      return this.#nvram.read()?.equals(record) ?? false;
    } catch {
      return false;
    }
  }
}

function wipe(record: EpochRecord | undefined): void {
  record?.chain.fill(0);
  record?.macDown.fill(0);
  record?.confirmation.fill(0);
}
