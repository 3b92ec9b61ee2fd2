import { backup, type DatabaseSync, type StatementSync } from 'node:sqlite';
import { JoulekeepError } from '../../events/errors.ts';
import type { StreamHead } from '../ports/event-store.ts';
import type { ObjectStore } from '../ports/platform.ts';
import { archiveObject } from '../ports/stream-anchor.ts';
import { VersionConflict } from '../ports/version-conflict.ts';
import { emptyHead, type SealedCommit, type StoredCommit } from '../store/commit.ts';
import type { CommitTable } from '../store/commit-table.ts';
import { parseEnvelope } from '../store/envelope.ts';
import type { SignedTrim, StoredAnchor } from '../store/trim-record.ts';
import { ANCHOR_SCHEMA, AnchorTable } from './anchor-table.ts';
import { bytesOf, type CommitRow, headOf, storedOf, type TipRow } from './commit-row.ts';
import { GroupCommit, Judged } from './sqlite/group-commit.ts';
import { openDatabase, prefixEnd } from './sqlite/open.ts';

/**
 * Commits lie in the order of arrival, so that a group of them goes to the end of the file whatever streams they belong
 * to; the index by stream and version is small. Small columns come first: a look at a head reads no body.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS commits (
    place INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    count INTEGER NOT NULL,
    commit_id BLOB NOT NULL,
    hash BLOB NOT NULL,
    envelope BLOB NOT NULL,
    tag BLOB NOT NULL,
    body BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS commits_by_stream ON commits (stream, version);
  ${ANCHOR_SCHEMA}`;

/** Measured with commits of 36 KB, ten per transaction: 16 KiB pages take 80 us a commit, 4 KiB pages 120, 64 KiB pages 111. */
const PAGE_BYTES = 16_384;
/** 8 MiB keep the longest pause of a write under 10 ms. */
const CHECKPOINT_BYTES = 8 * 1024 * 1024;
const PAGE_OF_COMMITS = 32;

/** A commit in the order of arrival, without its body. Places rise with gaps nowhere but at the end of what is kept. */
export interface Arrival {
  readonly place: number;
  readonly stream: string;
  /** Version of its first event. */
  readonly version: number;
  readonly count: number;
  /** Row of the key table that seals it. */
  readonly keyId: string;
  /** Chain hash; unknown to who tells of a commit again by its position alone. */
  readonly hash?: Buffer;
  /** UTC ms. */
  readonly recordedAt: number;
}

interface ArrivalRow extends Pick<Arrival, 'place' | 'stream' | 'version' | 'count'> {
  readonly hash: Uint8Array;
  readonly envelope: Uint8Array;
}

/**
 * The file of sealed commits. It knows no keys: sealing and opening is the business of `EmbeddedEventStore`, one per
 * principal on top of this. Several processes may open the file; each write is judged inside its transaction.
 */
export class EventDatabase implements CommitTable {
  readonly #database: DatabaseSync;
  readonly #group: GroupCommit;
  readonly #waiting = new Map<string, number>();
  readonly #insert: StatementSync;
  readonly #tip: StatementSync;
  readonly #holder: StatementSync;
  readonly #page: StatementSync;
  readonly #at: StatementSync;
  readonly #nextName: StatementSync;
  readonly #drop: StatementSync;
  readonly #anchors: AnchorTable;
  readonly #arrivals: StatementSync;
  readonly #lastPlace: StatementSync;
  readonly #listeners = new Set<() => void>();

  /** @param cacheBytes pages kept in memory, for who reads all of it; SQLite's own default when absent */
  constructor(path: string, cacheBytes?: number) {
    const file = { pageSize: PAGE_BYTES, synchronous: 'FULL', checkpointBytes: CHECKPOINT_BYTES, schema: SCHEMA } as const;
    const database = openDatabase(path, { ...file, ...(cacheBytes !== undefined && { cacheBytes }) });
    this.#database = database;
    this.#group = new GroupCommit(database);
    const tip = 'SELECT version, count, commit_id, hash FROM commits WHERE stream = ?';
    this.#tip = database.prepare(`${tip} ORDER BY version DESC LIMIT 1`);
    this.#holder = database.prepare(`${tip} AND version <= ? ORDER BY version DESC LIMIT 1`);
    this.#insert = database.prepare(
      'INSERT INTO commits (stream, version, count, commit_id, hash, envelope, tag, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    const whole = 'SELECT stream, version, hash, envelope, tag, body FROM commits WHERE stream = ?';
    this.#page = database.prepare(`${whole} AND version >= ? ORDER BY version LIMIT ${PAGE_OF_COMMITS}`);
    this.#at = database.prepare(`${whole} AND version = ?`);
    this.#nextName = database.prepare('SELECT stream FROM commits WHERE stream > ? AND stream < ? ORDER BY stream LIMIT 1');
    this.#drop = database.prepare(
      `DELETE FROM commits WHERE place IN (SELECT place FROM commits WHERE stream = ? AND version <= ? ORDER BY version LIMIT ${PAGE_OF_COMMITS})`,
    );
    this.#anchors = new AnchorTable(database);
    this.#arrivals = database.prepare(
      'SELECT place, stream, version, count, hash, envelope FROM commits WHERE place > ? ORDER BY place LIMIT ?',
    );
    this.#lastPlace = database.prepare('SELECT max(place) AS place FROM commits');
  }

  /** Puts a commit, with whatever else is put in this turn of the event loop. @throws VersionConflict */
  async put(commit: SealedCommit, prepared: StreamHead): Promise<'appended' | 'repeated'> {
    const { stream } = commit;
    this.#waiting.set(stream, (this.#waiting.get(stream) ?? 0) + 1);
    try {
      const outcome = await this.#group.add(() => this.#judge(commit, prepared));
      for (const tell of this.#listeners) tell();
      return outcome;
    } finally {
      const left = this.#waiting.get(stream)! - 1;
      if (left === 0) this.#waiting.delete(stream);
      else this.#waiting.set(stream, left);
    }
  }

  /** Resolves when what was appended to the stream so far can be read. */
  async settled(stream: string): Promise<void> {
    if (this.#waiting.has(stream)) await this.#group.add(() => undefined);
  }

  /** Head as the file has it. */
  head(stream: string): StreamHead {
    const tip = this.#tip.get(stream) as TipRow | undefined;
    const anchor = this.#anchors.get(stream)?.head;
    if (tip === undefined || (anchor !== undefined && tip.version <= anchor.version)) return anchor ?? emptyHead(stream);
    return headOf(stream, tip);
  }

  /** What is hot of a stream. */
  *stored(stream: string, fromVersion = 0): Generator<StoredCommit, void, void> {
    let next = Math.max(fromVersion, (this.#anchors.get(stream)?.head.version ?? -1) + 1);
    for (;;) {
      const rows = this.#page.all(stream, next) as unknown as CommitRow[];
      yield* rows.map(storedOf);
      if (rows.length < PAGE_OF_COMMITS) return;
      next = rows.at(-1)!.version + 1;
    }
  }

  at(stream: string, version: number): StoredCommit | undefined {
    return (this.#at.all(stream, version) as unknown as CommitRow[]).map(storedOf)[0];
  }

  async *streams(prefix: string): AsyncGenerator<string, void, void> {
    if (this.#tip.get(prefix) !== undefined || this.#anchors.get(prefix) !== undefined) yield prefix;
    let name: string | undefined = prefix;
    for (;;) {
      const hot: string | undefined = (this.#nextName.get(name, prefixEnd(prefix)) as { stream: string } | undefined)?.stream;
      const anchored: string | undefined = this.#anchors.nextName(name, prefixEnd(prefix));
      name = hot === undefined || (anchored !== undefined && anchored < hot) ? anchored : hot;
      if (name === undefined) return;
      yield name;
    }
  }

  /** Where the hot part of a stream begins, unchecked. */
  anchor(stream: string): StoredAnchor | undefined {
    return this.#anchors.get(stream);
  }

  /**
   * Notes that the streams begin behind these heads from now on, then deletes what lies before, a few commits at a time so that
   * writers in between don't wait. What breaks off in between is behind the anchors already; `finishTrims` deletes it.
   * @param whole the heads must be the streams' last @throws ERR_TRIM_REFUSED
   */
  async trim(heads: readonly StreamHead[], signed: SignedTrim, body: Buffer, whole: boolean): Promise<void> {
    const id = await this.#group.add(() => {
      for (const head of heads) this.#checkTrim(head, whole);
      return this.#anchors.put(heads, signed, body);
    });
    await this.#finish(id);
  }

  async finishTrims(): Promise<void> {
    for (const id of this.#anchors.unfinished()) await this.#finish(id);
  }

  async sweep(objects: ObjectStore): Promise<number> {
    await this.finishTrims();
    let swept = 0;
    for (const key of await objects.list(archiveObject(Buffer.alloc(0)))) {
      if (this.#anchors.isNamed(Buffer.from(key.slice(key.lastIndexOf('/') + 1), 'hex'))) continue;
      await objects.delete(key);
      swept++;
    }
    return swept;
  }

  async #finish(id: number): Promise<void> {
    for (const { stream, version } of this.#anchors.headsOf(id)) {
      while ((await this.#group.add(() => Number(this.#drop.run(stream, version).changes))) === PAGE_OF_COMMITS);
    }
    await this.#group.add(() => this.#anchors.finished(id));
  }

  #checkTrim(head: StreamHead, whole: boolean): void {
    const { stream, version, hash } = head;
    const anchor = this.#anchors.get(stream)?.head;
    const row = this.#holder.get(stream, version) as TipRow | undefined;
    const found = anchor?.version === version ? anchor : row && headOf(stream, row);
    const sound = found?.version === version && found.hash.equals(hash) && (anchor === undefined || anchor.version <= version);
    if (sound && (!whole || this.head(stream).version === version)) return;
    throw new Judged(new JoulekeepError('ERR_TRIM_REFUSED', `${stream}: does not stand where it is to be cut`, { retryable: true }));
  }

  /**
   * Commits behind a place, oldest first, of streams that `wanted` names; looks at no more than `limit` commits.
   * Writers come one after the other, so no commit ever shows before one that was put earlier. One whose envelope is none any more is told of as well, by
   * its name and hash: who reads it finds out, and those behind it wait for nobody.
   * @returns how far it looked: from there to go on
   */
  arrivals(after: number, limit: number, wanted: (stream: string) => boolean): { found: readonly Arrival[]; looked: number } {
    const rows = this.#arrivals.all(after, limit) as unknown as ArrivalRow[];
    const found = rows
      .filter(({ stream }) => wanted(stream))
      .map(({ envelope, hash, ...row }) => {
        return { ...row, hash: bytesOf(hash), ...toldOf(bytesOf(envelope)) };
      });
    return { found, looked: rows.at(-1)?.place ?? after };
  }

  /** Place of the commit that came last; 0 when there is none. */
  lastPlace(): number {
    return (this.#lastPlace.get() as { place: number | null }).place ?? 0;
  }

  /** Calls back whenever this process has put commits. @returns ends it */
  onAppended(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Copies the file as it is now, while it is in use. Keys are not in it. */
  async backup(path: string): Promise<void> {
    this.#group.flush();
    await backup(this.#database, path);
  }

  close(): void {
    this.#group.close();
    this.#database.close();
  }

  /**
   * The conditional put. Version and hash must be those of the stored head: the hash catches an append prepared on top
   * of one that lost, even when the winner wrote as many events.
   */
  #judge(commit: SealedCommit, prepared: StreamHead): 'appended' | 'repeated' {
    const { stream, version } = commit;
    const tip = this.#tip.get(stream) as TipRow | undefined;
    const head = tip === undefined ? (this.#anchors.get(stream)?.head ?? emptyHead(stream)) : headOf(stream, tip);
    if (head.version === prepared.version && head.hash.equals(prepared.hash)) {
      this.#insert.run(stream, version, commit.count, commit.commitId, commit.head.hash, commit.envelope, commit.tag, commit.body);
      return 'appended';
    }
    const holder = this.#holder.get(stream, version) as TipRow | undefined;
    if (holder?.version === version && commit.commitId.equals(holder.commit_id)) return 'repeated';
    throw new Judged(new VersionConflict(stream, version, holder && bytesOf(holder.commit_id)));
  }
}

/** What a record tells of an envelope; of one that is none any more nothing. */
function toldOf(envelope: Buffer): Pick<Arrival, 'keyId' | 'recordedAt'> {
  try {
    const { keyId, recordedAt } = parseEnvelope(envelope);
    return { keyId, recordedAt };
  } catch {
    return { keyId: '', recordedAt: 0 };
  }
}
