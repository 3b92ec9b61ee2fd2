import { encodeEntry, type LogEntry } from '../../protocol/log/entry.ts';
import { leafHash } from '../../protocol/log/hashes.ts';
import { type HashAt, inclusionProof } from '../../protocol/log/proofs.ts';
import { TILE_WIDTH } from '../../protocol/log/tiles.ts';
import { type LogHead, verifyInclusion } from '../../protocol/log/verification.ts';
import { unlessRefused } from '../../protocol/refusal.ts';
import type { LogFiles } from '../log/log-files.ts';

/** What is wrong with the log itself. */
export interface LogFault {
  /** Number of the first entry that may not be what was logged. */
  readonly index: number;
  readonly fault: string;
}

/** An entry and its number. */
export interface Placed extends LogEntry {
  readonly index: number;
}

/** Entries of a log as somebody signed it, each held against that root before it is told. Tiles stay in memory as long as this does. */
export class ProvenLog {
  readonly #files: LogFiles;
  readonly #head: LogHead;
  readonly #hashAt: HashAt;

  constructor(files: LogFiles, head: LogHead) {
    this.#files = files;
    this.#head = head;
    this.#hashAt = files.hashesAt(head.size);
  }

  /** Entries of tile `index` of level 0, or why they can't be believed. Never throws on content. */
  async bundle(index: number): Promise<readonly Placed[] | LogFault> {
    const first = index * TILE_WIDTH;
    const entries = await unlessRefused(this.#files.bundle(index, this.#head.size), undefined);
    if (entries === undefined) return { index: first, fault: 'entries are not there whole' };
    const fault = await unlessRefused(this.#faultOf(first, entries), undefined);
    if (fault === undefined) return { index: first, fault: `a tile above tile 0/${index}, or that itself, is not there whole` };
    return fault === 'none' ? entries.map((entry, at) => ({ ...entry, index: first + at })) : fault;
  }

  async #faultOf(first: number, entries: readonly LogEntry[]): Promise<LogFault | 'none'> {
    const { size } = this.#head;
    const leaves = entries.map((entry) => leafHash(encodeEntry(entry)));
    for (const [at, leaf] of leaves.entries())
      if (!leaf.equals(await this.#hashAt(0, first + at)))
        return { index: first + at, fault: `is not what tile 0/${Math.floor(first / TILE_WIDTH)} has` };
    // On the way from one leaf to the root lie all others of its tile: what holds for it holds for them.
    const proof = await inclusionProof(first, size, this.#hashAt);
    if (verifyInclusion({ leaf: leaves[0]!, index: first, head: this.#head, proof })) return 'none';
    return { index: first, fault: `is not among the first ${size} entries that log/latest was signed over` };
  }
}
