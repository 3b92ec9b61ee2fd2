import { JoulekeepError } from '../../events/index.ts';
import type { ObjectStore } from '../../platform/ports/platform.ts';
import { encodeEntry, type LogEntry } from '../../protocol/log/entry.ts';
import { leafHash } from '../../protocol/log/hashes.ts';
import { inclusionProof } from '../../protocol/log/proofs.ts';
import { TILE_WIDTH } from '../../protocol/log/tiles.ts';
import { type LogHead, verifyInclusion } from '../../protocol/log/verification.ts';
import { checkpointSizes, signedAt, sizeSignedBy } from '../log/checkpoints.ts';
import { LogFiles } from '../log/log-files.ts';
import { checkpointPlace, LATEST, signedIn, signedOn } from '../log/places.ts';

/** A commit that is looked for. */
export interface Sought extends LogEntry {
  /** UTC ms. */
  readonly recordedAt: number;
}

/** Where a commit is in the log, and what shows it. */
export interface Placed {
  readonly index: number;
  readonly path: readonly Buffer[];
}

type Objects = Pick<ObjectStore, 'get' | 'list'>;
type Signing = ReturnType<typeof signedIn>;
type HashesAt = ReturnType<LogFiles['hashesAt']>;

/** So much later than it was recorded, at most, does a checkpoint say a time before it: clocks differ. */
const CLOCKS_MS = 10 * 60_000;
const DAY_MS = 86_400_000;
/** In so many days, the one in question and those before, a checkpoint is looked for before all that there are. */
const DAYS_BACK = 3;
/** What is not where its time says is looked for before that, through so many bundles of entries at most: one that waits for its place is nowhere. */
const BUNDLES_BACK = 512;

/**
 * Places of commits in the log as its newest checkpoint has it. There is no index: when a commit was recorded says behind which checkpoint
 * its entry is, and from there on entries are read. That is a guess: clocks are set back, and a state is played on from an earlier day. So what is not there is
 * looked for before as well.
 */
export class LogLookup {
  /** Of the newest checkpoint, as it was signed. */
  readonly note: string;
  readonly #objects: Objects;
  readonly #files: LogFiles;
  readonly #head: LogHead;
  readonly #hashAt: HashesAt;
  readonly #bundles = new Map<number, Promise<readonly LogEntry[]>>();
  /** By folder. */
  readonly #days = new Map<string, Promise<readonly Signing[]>>();
  /** By size. */
  readonly #signings = new Map<number, Promise<number>>();
  #sizes: readonly number[] | undefined;

  private constructor(objects: Objects, note: string) {
    const files = new LogFiles({ get: (key) => objects.get(key), put: refuseToWrite });
    this.note = note;
    this.#objects = objects;
    this.#files = files;
    this.#head = headOf(note);
    this.#hashAt = files.hashesAt(this.#head.size);
  }

  /** @throws ERR_PROOF_EARLY (retryable) before the first checkpoint */
  static async open(objects: Objects): Promise<LogLookup> {
    const note = await objects.get(LATEST);
    if (note === undefined) throw tooEarly('the log has no checkpoint yet');
    return new LogLookup(objects, note.toString());
  }

  /** @throws ERR_PROOF_EARLY (retryable) for a commit that has no place yet, ERR_LOG_REFUSED where the log contradicts itself */
  async place(sought: Sought): Promise<Placed> {
    const { size } = this.#head;
    const index = await this.#find(sought, await this.#sizeBefore(sought.recordedAt - CLOCKS_MS));
    if (index === undefined)
      throw tooEarly(
        `${sought.stream}: the commit at version ${sought.version} is not in the log yet: a service that runs gives it its place within a minute, then ask again`,
      );
    const path = await inclusionProof(index, size, this.#hashAt);
    if (!verifyInclusion({ leaf: leafHash(encodeEntry(sought)), index, head: this.#head, proof: path }))
      throw new JoulekeepError('ERR_LOG_REFUSED', `${sought.stream}: the log has another commit at version ${sought.version}`);
    return { index, path };
  }

  /** The very commit; where the log has others of its version alone, one of those, which proves nothing. @param from where its time says it is behind */
  async #find(sought: Sought, from: number): Promise<number | undefined> {
    let another: number | undefined;
    for (const tile of this.#tilesFrom(from)) {
      const entries = await this.#bundle(tile);
      for (const [at, entry] of entries.entries()) {
        if (entry.version !== sought.version || entry.stream !== sought.stream) continue;
        const index = tile * TILE_WIDTH + at;
        if (entry.hash.equals(sought.hash)) return index;
        another ??= index;
      }
    }
    return another;
  }

  /** On to the end, then back. */
  *#tilesFrom(from: number): Generator<number, void, void> {
    const first = Math.floor(from / TILE_WIDTH);
    for (let tile = first; tile * TILE_WIDTH < this.#head.size; tile++) yield tile;
    for (let tile = first - 1; tile >= Math.max(0, first - BUNDLES_BACK); tile--) yield tile;
  }

  #bundle(tile: number): Promise<readonly LogEntry[]> {
    const bundle = this.#bundles.get(tile) ?? this.#files.bundle(tile, this.#head.size);
    this.#bundles.set(tile, bundle);
    return bundle;
  }

  /** Size of the last checkpoint that was signed at a time or before, 0 where none was. @param at UTC ms */
  async #sizeBefore(at: number): Promise<number> {
    for (let back = 0; back < DAYS_BACK; back++) {
      const before = (await this.#signedOn(at - back * DAY_MS)).findLast((one) => one.at <= at);
      if (before !== undefined) return before.size;
    }
    return await this.#sizeAmongAll(at);
  }

  /** Checkpoints of the UTC day of an instant, in order of time. */
  #signedOn(instant: number): Promise<readonly Signing[]> {
    const folder = signedOn(instant);
    const signings = this.#days.get(folder) ?? this.#readDay(folder);
    this.#days.set(folder, signings);
    return signings;
  }

  async #readDay(folder: string): Promise<readonly Signing[]> {
    const places = await this.#objects.list(folder);
    return places
      .toSorted()
      .map(signedIn)
      .filter(({ size }) => size <= this.#head.size);
  }

  /** By the checkpoints themselves: those that were signed before their days were kept, or after days of silence. */
  async #sizeAmongAll(at: number): Promise<number> {
    this.#sizes ??= (await checkpointSizes(this.#objects)).filter((size) => size <= this.#head.size);
    return await sizeSignedBy(this.#sizes, at, (size) => this.#signedAt(size));
  }

  /** Read once: the first steps of every search are the same. */
  #signedAt(size: number): Promise<number> {
    const signed = this.#signings.get(size) ?? this.#readSigning(size);
    this.#signings.set(size, signed);
    return signed;
  }

  async #readSigning(size: number): Promise<number> {
    const note = await this.#objects.get(checkpointPlace(size));
    return note === undefined ? Number.POSITIVE_INFINITY : signedAt(note);
  }
}

function headOf(note: string): LogHead {
  const [, size, root = ''] = note.split('\n');
  return { size: Number(size), root: Buffer.from(root, 'base64') };
}

function tooEarly(message: string): JoulekeepError {
  return new JoulekeepError('ERR_PROOF_EARLY', message, { retryable: true });
}

async function refuseToWrite(): Promise<never> {
  throw new JoulekeepError('ERR_LOG_REFUSED', 'who looks a commit up writes nothing');
}
