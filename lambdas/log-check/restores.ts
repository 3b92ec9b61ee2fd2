import type { Platform } from '../../platform/ports/platform.ts';
import { type LogEntry, takenBackEntry, takenBackStream } from '../../protocol/log/entry.ts';
import { TILE_WIDTH } from '../../protocol/log/tiles.ts';
import type { LogHead } from '../../protocol/log/verification.ts';
import { unlessRefused } from '../../protocol/refusal.ts';
import { LogFiles } from '../log/log-files.ts';
import { nameOf, parseReceipt, RESTORES } from '../log/receipt.ts';
import { sizeAt } from '../log/taken-back.ts';
import { type Placed, ProvenLog } from './proven-log.ts';

/** Clocks of who took a restore up and of who signs the log may be so far apart, ms. */
const CLOCKS_MS = 600_000;

/** Bundles behind the moment of a restore in which its entries are looked for, beside those they fill: a receipt of which the log never heard must not cost a look at all of it. */
const SEARCHED = 1_024;

/** A receipt, and the heads of its streams. */
interface Restore {
  /** UTC ms. */
  readonly at: number;
  readonly heads: ReadonlyMap<string, LogEntry>;
  /** Number of the entry that takes each of them back, once it was looked for. */
  places?: Promise<ReadonlyMap<string, number>>;
}

/**
 * Restores that somebody accounts for: a receipt under `restores/`, and an entry of the log that says the same. Receipts are read once they
 * are asked for, places in the log once something is missing.
 */
export class Restores {
  readonly #parts: Pick<Platform, 'objects' | 'kms'>;
  readonly #head: LogHead;
  #restores: Promise<readonly Restore[]> | undefined;

  constructor(parts: Pick<Platform, 'objects' | 'kms'>, head: LogHead) {
    this.#parts = parts;
    this.#head = head;
  }

  /** Whether a receipt says what this entry does. @param entry takes a stream back */
  async accountFor(entry: LogEntry): Promise<boolean> {
    const stream = takenBackStream(entry)!;
    return (await this.#all()).some(({ heads }) => {
      const head = heads.get(stream);
      return head !== undefined && nameOf(takenBackEntry(head)) === nameOf(entry);
    });
  }

  /** Whether a restore took away what was logged here: it lay behind the head, and the log says so further on. */
  async tookAway({ stream, version, index }: Placed): Promise<boolean> {
    for (const restore of await this.#all()) {
      const head = restore.heads.get(stream);
      if (head === undefined || version <= head.version) continue;
      restore.places ??= this.#placesOf(restore);
      if ((await restore.places).get(stream)! > index) return true;
    }
    return false;
  }

  #all(): Promise<readonly Restore[]> {
    this.#restores ??= this.#read();
    return this.#restores;
  }

  async #read(): Promise<readonly Restore[]> {
    const { objects } = this.#parts;
    const restores: Restore[] = [];
    for (const key of await objects.list(RESTORES)) {
      const receipt = parseReceipt((await objects.get(key)) ?? Buffer.alloc(0));
      // What is no receipt accounts for nothing.
      if (receipt === undefined) continue;
      restores.push({ at: receipt.restoredAt, heads: new Map(receipt.streams.map((head) => [head.stream, head])) });
    }
    return restores;
  }

  /** What a restore says to the log lies near the place that the log had reached. */
  async #placesOf({ at, heads }: Restore): Promise<ReadonlyMap<string, number>> {
    const places = new Map<string, number>();
    const log = new ProvenLog(new LogFiles(this.#parts.objects), this.#head);
    const wanted = new Set([...heads.values()].map((head) => nameOf(takenBackEntry(head))));
    const first = await this.#bundleAt(at);
    const end = Math.min(Math.ceil(this.#head.size / TILE_WIDTH), first + Math.ceil(heads.size / TILE_WIDTH) + SEARCHED);
    for (let bundle = first; bundle < end && places.size < heads.size; bundle++) {
      const entries = await log.bundle(bundle);
      if (!('fault' in entries))
        for (const entry of entries) {
          const stream = takenBackStream(entry);
          if (stream !== undefined && wanted.has(nameOf(entry)) && !places.has(stream)) places.set(stream, entry.index);
        }
    }
    return places;
  }

  async #bundleAt(at: number): Promise<number> {
    return Math.floor((await unlessRefused(sizeAt(this.#parts, at - CLOCKS_MS), 0)) / TILE_WIDTH);
  }
}
