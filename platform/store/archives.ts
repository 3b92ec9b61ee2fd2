import type { StreamHead } from '../ports/event-store.ts';
import type { ObjectStore } from '../ports/platform.ts';
import { archiveObject } from '../ports/stream-anchor.ts';
import { encodeArchive, openArchive } from './archive-body.ts';
import { chainHash, damaged, emptyHead, envelopeOf, type StoredCommit } from './commit.ts';
import type { HotCommits } from './commit-table.ts';
import { parseTrim } from './trim-record.ts';
import type { CommitSource } from './verify.ts';

/** Archives kept open: whoever reads a month reads its days one after the other, often side by side with another's. */
const OPEN_ARCHIVES = 4;

/** All commits of streams, those in archives first. Nothing is opened here: what is archived stays sealed as it was recorded. */
export class Archives implements CommitSource {
  readonly #hot: HotCommits;
  readonly #objects: ObjectStore;
  readonly #open = new Map<string, Promise<ReadonlyMap<string, readonly StoredCommit[]>>>();

  constructor({ hot, objects }: { readonly hot: HotCommits; readonly objects: ObjectStore }) {
    this.#hot = hot;
    this.#objects = objects;
  }

  streams(prefix: string): AsyncIterable<string> {
    return this.#hot.streams(prefix);
  }

  anchor(stream: string) {
    return this.#hot.anchor(stream);
  }

  /** @throws ERR_ARCHIVE_DAMAGED */
  async *stored(stream: string, fromVersion = 0): AsyncGenerator<StoredCommit, void, void> {
    const anchor = await this.#hot.anchor(stream);
    const record = anchor && parseTrim(anchor.trim.payload);
    if (record?.why === 'archive' && fromVersion <= anchor!.head.version) {
      const archived = (await this.#archive(record.body)).get(stream) ?? [];
      for (const commit of archived) if (commit.version >= fromVersion) yield commit;
    }
    yield* this.#hot.stored(stream, Math.max(fromVersion, (anchor?.head.version ?? -1) + 1));
  }

  /** The commit that begins at this version, wherever it lies. @throws ERR_ARCHIVE_DAMAGED, ERR_COMMIT_DAMAGED */
  async at(stream: string, version: number): Promise<StoredCommit | undefined> {
    const hot = await this.#hot.at(stream, version);
    if (hot !== undefined) return hot;
    // Anchors are put before anything is taken out.
    const anchor = await this.#hot.anchor(stream);
    const record = anchor && parseTrim(anchor.trim.payload);
    if (record?.why !== 'archive' || version > anchor!.head.version) return undefined;
    return (await this.#archive(record.body)).get(stream)?.find((commit) => commit.version === version);
  }

  /** Writes the whole of the streams as one object. Their chains are followed. @returns its hash, and where they end @throws ERR_COMMIT_DAMAGED */
  async put(streams: readonly string[]): Promise<{ readonly body: Buffer; readonly heads: readonly StreamHead[] }> {
    const commits: StoredCommit[] = [];
    const heads: StreamHead[] = [];
    for (const stream of streams) {
      let head = emptyHead(stream);
      for await (const stored of this.stored(stream)) {
        const { version, count, prev } = envelopeOf(stored);
        if (version !== head.version + 1 || !prev.equals(head.hash)) throw damaged(stored, 'does not continue the commit before it');
        head = { stream, version: version + count - 1, hash: chainHash(stored) };
        commits.push(stored);
      }
      if (head.version >= 0) heads.push(head);
    }
    const { bytes, hash } = encodeArchive(commits);
    await this.#objects.put(archiveObject(hash), bytes);
    return { body: hash, heads };
  }

  #archive(body: Buffer): Promise<ReadonlyMap<string, readonly StoredCommit[]>> {
    const name = body.toString('hex');
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    const opening = this.#objects.get(archiveObject(body)).then((bytes) => openArchive(bytes, body));
    opening.catch(() => this.#open.delete(name));
    this.#open.set(name, opening);
    if (this.#open.size > OPEN_ARCHIVES) this.#open.delete(this.#open.keys().next().value!);
    return opening;
  }
}
