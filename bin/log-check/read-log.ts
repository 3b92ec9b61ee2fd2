import { LogFiles } from '../../lambdas/log/log-files.ts';
import { nameOf } from '../../lambdas/log/receipt.ts';
import type { LoggedCommits } from '../../lambdas/log-check/against-log.ts';
import type { LogFault } from '../../lambdas/log-check/proven-log.ts';
import type { ObjectStore } from '../../platform/ports/platform.ts';
import { encodeEntry, type LogEntry, takenBackStream } from '../../protocol/log/entry.ts';
import { GrowingRoot, rootOf } from '../../protocol/log/growing-root.ts';
import { hashesIn, leafHash } from '../../protocol/log/hashes.ts';
import { TILE_WIDTH } from '../../protocol/log/tiles.ts';
import { ProtocolRefusal } from '../../protocol/refusal.ts';
import type { Claim } from './claims.ts';
import type { AgainstWitness } from './witnessed.ts';

/** What the log is held against beside its own tiles. */
interface HeldAgainst {
  readonly claims: readonly Claim[];
  readonly restored: ReadonlySet<string>;
  readonly witness?: AgainstWitness;
}

/** Reads the log entry by entry, and holds every tile and every claim against what the entries hash to. */
export class LogReading {
  readonly #files: LogFiles;
  readonly #size: number;
  readonly #claims: readonly Claim[];
  readonly #restored: ReadonlySet<string>;
  readonly #witness: AgainstWitness | undefined;
  readonly #root = new GrowingRoot();
  /** Of each level above the leaves, the hashes of the tile that is being filled, and its number. */
  readonly #levels: { index: number; hashes: Buffer[] }[] = [];
  readonly #faults: LogFault[] = [];
  /** Up to here a signed root stands for the entries. */
  #vouched = 0;
  readonly commits: LoggedCommits = new Map();
  /** Whether every entry was there to be read. */
  isWhole = false;
  /** Commits that were logged, and that a restore took away; of how many streams. */
  readonly takenBack = { commits: 0, streams: new Set<string>() };

  /** Entries that take a stream back, and that nobody accounts for. */
  unaccounted = 0;

  /** @param restored entries of restores that somebody accounts for @param witness hears of every entry that can be read */
  constructor(objects: Pick<ObjectStore, 'get' | 'put'>, size: number, { claims, restored, witness }: HeldAgainst) {
    this.#restored = restored;
    this.#witness = witness;
    this.#files = new LogFiles(objects);
    this.#size = size;
    this.#claims = claims.filter(({ checkpoint }) => checkpoint.size <= size).toSorted((a, b) => a.checkpoint.size - b.checkpoint.size);
  }

  /** @returns faults, the first of each kind of check; entries up to the first that cannot be read */
  async read(): Promise<readonly LogFault[]> {
    let claim = this.#judge(0);
    for (let index = 0; index * TILE_WIDTH < this.#size; index++) {
      const entries = await this.#bundle(index);
      if (entries === undefined) return this.#faults;
      const encoded = entries.map(encodeEntry);
      await this.#witness?.hold(encoded);
      const leaves = encoded.map(leafHash);
      await this.#holdTile(0, index, leaves);
      for (const [at, leaf] of leaves.entries()) {
        this.#note(entries[at]!);
        this.#root.add(leaf);
        claim = this.#judge(claim);
      }
      if (leaves.length === TILE_WIDTH) await this.#raise(1, rootOf(leaves));
    }
    this.isWhole = true;
    for (const [at, { index, hashes }] of this.#levels.entries()) if (hashes.length > 0) await this.#holdTile(at + 1, index, hashes);
    return this.#faults;
  }

  async #bundle(index: number): Promise<readonly LogEntry[] | undefined> {
    try {
      return await this.#files.bundle(index, this.#size);
    } catch (error) {
      if (!(error instanceof ProtocolRefusal)) throw error;
      this.#faults.push({ index: index * TILE_WIDTH, fault: 'entries are not there whole' });
      return undefined;
    }
  }

  #note(entry: LogEntry): void {
    const back = takenBackStream(entry);
    if (back !== undefined) {
      if (this.#restored.has(nameOf(entry))) this.#takeBack(back, entry.version);
      else {
        this.unaccounted++;
        this.#faults.push({
          index: this.#root.size,
          fault: `takes ${back} back from version ${entry.version} on, and no --restored accounts for it`,
        });
      }
      return;
    }
    const { stream, version, hash } = entry;
    const of = this.commits.get(stream);
    if (of === undefined) this.commits.set(stream, [{ version, hash }]);
    else of.push({ version, hash });
  }

  #takeBack(stream: string, from: number): void {
    const logged = this.commits.get(stream) ?? [];
    const kept = logged.filter(({ version }) => version < from);
    this.commits.set(stream, kept);
    this.takenBack.commits += logged.length - kept.length;
    this.takenBack.streams.add(stream);
  }

  /** Claims of the size reached so far. @param next of `#claims` @returns the first one of a larger size */
  #judge(next: number): number {
    let at = next;
    for (; this.#claims[at]?.checkpoint.size === this.#root.size; at++) {
      const { by, checkpoint } = this.#claims[at]!;
      if (this.#root.root().equals(checkpoint.root)) this.#vouched = checkpoint.size;
      else this.#faults.push({ index: this.#vouched, fault: `not the first ${checkpoint.size} entries that ${by} was signed over` });
    }
    return at;
  }

  /** A tile was filled: one more hash on the level above, which may fill that one. */
  async #raise(level: number, hash: Buffer): Promise<void> {
    this.#levels[level - 1] ??= { index: 0, hashes: [] };
    const row = this.#levels[level - 1]!;
    row.hashes.push(hash);
    if (row.hashes.length < TILE_WIDTH) return;
    await this.#holdTile(level, row.index, row.hashes);
    await this.#raise(level + 1, rootOf(row.hashes));
    this.#levels[level - 1] = { index: row.index + 1, hashes: [] };
  }

  async #holdTile(level: number, index: number, hashes: readonly Buffer[]): Promise<void> {
    const span = TILE_WIDTH ** level;
    const first = index * TILE_WIDTH;
    try {
      const kept = hashesIn(await this.#files.tile({ level, index, width: hashes.length }));
      const at = hashes.findIndex((hash, i) => !hash.equals(kept[i]!));
      if (at >= 0) this.#faults.push({ index: (first + at) * span, fault: `is not what tile ${level}/${index} has` });
    } catch (error) {
      if (!(error instanceof ProtocolRefusal)) throw error;
      this.#faults.push({ index: first * span, fault: `tile ${level}/${index} is not there whole` });
    }
  }
}
