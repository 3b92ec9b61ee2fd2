import { codeOf } from '../../events/errors.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { type LogEntry, parseEntries } from '../../protocol/log/entry.ts';
import { EMPTY_ROOT } from '../../protocol/log/hashes.ts';
import type { LogHead } from '../../protocol/log/verification.ts';
import { ProtocolRefusal } from '../../protocol/refusal.ts';

import { keepLatest, latestCheckpoint, publish, signCheckpoint } from './checkpoints.ts';
import { LogFiles } from './log-files.ts';
import { LogMarkers } from './markers.ts';
import { PENDING } from './places.ts';
import { bringWitness } from './witnessing.ts';

/** A checkpoint is signed once it adds so many entries; what waits together is not parted. */
const CHECKPOINT_ENTRIES = 1_000;

/** Objects that waited, and what of them has no place yet. */
interface Taken {
  readonly keys: readonly string[];
  readonly entries: readonly LogEntry[];
}

export type LogParts = Pick<Platform, 'objects' | 'directory' | 'kms' | 'clock' | 'witness' | 'log'>;

/**
 * Gives what waits its places, one run after the other and never two at a time. Each step can break off and be made again: until a
 * checkpoint is the newest one, nothing that was written is part of the log; from then on it is, whatever comes.
 *
 *   tiles, entries -> checkpoint signed -> LATEST put | kept under its size, marks, witness, pending deleted
 */
export class Sequencer {
  readonly #parts: LogParts;
  readonly #files: LogFiles;
  readonly #markers: LogMarkers;

  constructor(parts: LogParts) {
    this.#parts = parts;
    this.#files = new LogFiles(parts.objects);
    this.#markers = new LogMarkers(parts.directory);
  }

  /** @returns how many entries got a place, and whether the witness has them @throws ProtocolRefusal ERR_LOG_REFUSED when the log is not the one that was signed: nothing is added to it then */
  async run(): Promise<{ readonly logged: number; readonly witnessed: boolean }> {
    let head = await this.#resume();
    const before = head.size;
    const pending = await this.#pending();
    // Without anything to add, the newest checkpoint still says that nothing came.
    do head = await this.#append(head, await this.#take(pending));
    while (pending.length > 0);
    return { logged: head.size - before, witnessed: await this.#bringWitness(head.size) };
  }

  /** Where the log stands, with all that follows from it done. */
  async #resume(): Promise<LogHead> {
    const { objects, kms } = this.#parts;
    const latest = await latestCheckpoint(objects, kms);
    if (latest === undefined) return { size: 0, root: EMPTY_ROOT };
    if (!(await this.#files.rootAt(latest.size)).equals(latest.root)) throw new ProtocolRefusal('ERR_LOG_REFUSED', 'root');
    await keepLatest(objects, latest.size);
    await this.#markers.catchUp(this.#files, latest.size);
    return latest;
  }

  /**
   * What waits, in the order of arrival. Listed twice: a list is no picture of one moment, and what the first one shows may be behind
   * something that it missed; the second shows that as well.
   */
  async #pending(): Promise<string[]> {
    const { objects } = this.#parts;
    const last = (await objects.list(PENDING)).at(-1);
    return last === undefined ? [] : (await objects.list(PENDING)).filter((key) => key <= last);
  }

  /** Takes as many from the front as one checkpoint adds, one at least. */
  async #take(pending: string[]): Promise<Taken> {
    const keys: string[] = [];
    const entries: LogEntry[] = [];
    while (pending.length > 0 && entries.length < CHECKPOINT_ENTRIES) {
      const key = pending.shift()!;
      keys.push(key);
      entries.push(...parseEntries((await this.#parts.objects.get(key)) ?? Buffer.alloc(0)));
    }
    return { keys, entries: await this.#markers.unplaced(entries) };
  }

  async #append({ size, root }: LogHead, { keys, entries }: Taken): Promise<LogHead> {
    const { objects, kms, clock } = this.#parts;
    const next = { size: size + entries.length, root: entries.length === 0 ? root : await this.#files.extend(size, entries) };
    await publish(objects, await signCheckpoint(kms, { ...next, at: clock.now() }), next.size);
    await this.#markers.mark(entries, next.size);
    for (const key of keys) await objects.delete(key);
    return next;
  }

  /** A witness out of reach stops nothing: it gets what it missed the next time. */
  async #bringWitness(size: number): Promise<boolean> {
    const { witness, objects, directory, log } = this.#parts;
    try {
      await bringWitness({ witness, objects, directory, files: this.#files }, size);
      return true;
    } catch (error) {
      log.error('witness not reached', { code: codeOf(error) });
      return false;
    }
  }
}
