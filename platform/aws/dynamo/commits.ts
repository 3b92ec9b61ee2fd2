import type { StreamHead } from '../../ports/event-store.ts';
import type { Kms } from '../../ports/kms.ts';
import type { Clock, ObjectStore } from '../../ports/platform.ts';
import { VersionConflict } from '../../ports/version-conflict.ts';
import { emptyHead, type SealedCommit, type StoredCommit } from '../../store/commit.ts';
import { CommitsTakenOut, type CommitTable } from '../../store/commit-table.ts';
import type { SignedTrim, StoredAnchor } from '../../store/trim-record.ts';
import { Anchors } from './anchors.ts';
import { CommitBodies } from './commit-bodies.ts';
import { headOf, isGone, keyOf } from './commit-row.ts';
import { inOrder } from './in-order.ts';
import { KnownHeads } from './known-heads.ts';
import { newestRow } from './newest-row.ts';
import { bytesOf, number, numberOf, type Row, text } from './row.ts';
import { streamNames } from './stream-names.ts';
import type { DynamoTable } from './table.ts';
import { Trims } from './trims.ts';

/** Commits whose bodies are fetched at once. */
const READ_AHEAD = 16;

/**
 * Sealed commits on a table of DynamoDB. A commit is one item and an append one conditional put: whoever is second at a version is
 * told what stands there. Appends of one stream go out one after the other, so that one on top of another that lost is refused too.
 */
export class DynamoCommits implements CommitTable {
  readonly #table: DynamoTable;
  readonly #known: KnownHeads;
  readonly #anchors: Anchors;
  readonly #bodies: CommitBodies;
  readonly #trims: Trims;
  /** The append of each stream that was asked for last and is not done. */
  readonly #last = new Map<string, Promise<unknown>>();

  /** @param kms checks who signed for what is taken out @param objects hold large bodies */
  constructor(table: DynamoTable, kms: Kms, objects: ObjectStore, clock: Clock) {
    this.#table = table;
    this.#bodies = new CommitBodies(objects, table);
    this.#known = new KnownHeads(clock);
    this.#anchors = new Anchors(table);
    this.#trims = new Trims({ table, anchors: this.#anchors, bodies: this.#bodies, kms, clock });
  }

  async put(commit: SealedCommit, prepared: StreamHead): Promise<'appended' | 'repeated'> {
    const { stream } = commit;
    const outcome = (this.#last.get(stream) ?? Promise.resolve()).then(() => this.#judge(commit, prepared));
    const done = outcome.catch(() => undefined);
    this.#last.set(stream, done);
    try {
      return await outcome;
    } finally {
      if (this.#last.get(stream) === done) this.#last.delete(stream);
    }
  }

  async settled(stream: string): Promise<void> {
    await this.#last.get(stream);
  }

  async head(stream: string): Promise<StreamHead> {
    const head = await this.#head(stream);
    this.#known.saw(head);
    return head;
  }

  seen(stream: string): StreamHead | undefined {
    const head = this.#known.of(stream);
    return head === undefined || head.version < 0 ? undefined : head;
  }

  async *stored(stream: string, fromVersion = 0): AsyncGenerator<StoredCommit, void, void> {
    const values = { ':stream': text(stream), ':from': number(fromVersion) };
    const believed = this.seen(stream);
    const rows = this.#table.query({ condition: 'pk = :stream AND sk >= :from', values });
    const found = inOrder(rows, READ_AHEAD, async (row) => ({ row, commit: await this.#bodies.commitOf(row) }));
    let last: Row | undefined;
    for await (const { row, commit } of found) {
      yield commit;
      last = row;
    }
    if (last !== undefined) this.#known.saw(headOf(last));
    // Neither a commit nor a mark stands behind it: it is the head still.
    else if (believed !== undefined && believed.version === fromVersion - 1) this.#known.saw(believed);
  }

  async at(stream: string, version: number): Promise<StoredCommit | undefined> {
    const row = await this.#table.get(keyOf(stream, version));
    try {
      return row && (await this.#bodies.commitOf(row));
    } catch (error) {
      if (error instanceof CommitsTakenOut) return undefined;
      throw error;
    }
  }

  streams(prefix: string): AsyncIterable<string> {
    return streamNames(this.#table, prefix);
  }

  async anchor(stream: string): Promise<StoredAnchor | undefined> {
    return await this.#anchors.get(stream);
  }

  async trim(heads: readonly StreamHead[], signed: SignedTrim, body: Buffer, whole: boolean): Promise<void> {
    await this.#trims.trim(heads, signed, body, whole);
  }

  async finishTrims(): Promise<void> {
    await this.#trims.finish();
  }

  async sweep(objects: ObjectStore): Promise<number> {
    return await this.#trims.sweep(objects);
  }

  async #judge(commit: SealedCommit, prepared: StreamHead): Promise<'appended' | 'repeated'> {
    const { stream, version } = commit;
    if (!this.#known.has(prepared) && !sameHead(await this.#head(stream), prepared)) return await this.#repeated(commit);
    this.#known.forget(stream);
    const written = await this.#table.put(await this.#bodies.store(commit), { condition: 'attribute_not_exists(pk)' });
    if (!written.done) {
      const holder = written.found;
      if (!isCommit(commit, holder)) throw new VersionConflict(stream, version, bytesOf(holder, 'commitId'));
      // Under our own nonce it is this very put, of which the first answer was lost.
      if (!bytesOf(holder, 'hash').equals(commit.head.hash)) return 'repeated';
    }
    this.#known.saw(commit.head);
    return 'appended';
  }

  /** Not on top of the stream: either it is there already, or another has its place. */
  async #repeated(commit: SealedCommit): Promise<'repeated'> {
    const { stream, version } = commit;
    const holder = await this.#newest(stream, version);
    if (holder !== undefined && numberOf(holder, 'sk') === version && isCommit(commit, holder)) return 'repeated';
    throw new VersionConflict(stream, version, holder && bytesOf(holder, 'commitId'));
  }

  async #head(stream: string): Promise<StreamHead> {
    const tip = await this.#newest(stream);
    if (tip !== undefined && !isGone(tip)) return headOf(tip);
    return (await this.#anchors.get(stream))?.head ?? emptyHead(stream);
  }

  #newest(stream: string, upTo?: number): Promise<Row | undefined> {
    return newestRow(this.#table, stream, upTo);
  }
}

function isCommit({ commitId }: SealedCommit, holder: Row): boolean {
  return bytesOf(holder, 'commitId').equals(commitId);
}

function sameHead(a: StreamHead, b: StreamHead): boolean {
  return a.version === b.version && a.hash.equals(b.hash);
}
