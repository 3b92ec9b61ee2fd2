import type { StreamHead } from '../ports/event-store.ts';
import type { ObjectStore } from '../ports/platform.ts';
import { archiveObject } from '../ports/stream-anchor.ts';
import { encodeArchive, openArchive } from '../store/archive-body.ts';
import { chainHash, damaged, emptyHead, envelopeOf, type StoredCommit } from '../store/commit.ts';
import { parseTrim } from '../store/trim-record.ts';
import type { CommitSource } from '../store/verify.ts';
import type { EventDatabase } from './event-database.ts';

/** Archives kept open: whoever reads a month reads its days one after the other, often side by side with another's. */
const OPEN_ARCHIVES = 4;

/** All commits of streams, those in archives first. Nothing is opened here: what is archived stays sealed as it was recorded. */
export class Archives implements CommitSource {
  readonly #database: EventDatabase;
  readonly #objects: ObjectStore;
  readonly #open = new Map<string, Promise<ReadonlyMap<string, readonly StoredCommit[]>>>();

  constructor({ database, objects }: { readonly database: EventDatabase; readonly objects: ObjectStore }) {
    this.#database = database;
    this.#objects = objects;
  }

  streams(prefix: string): AsyncIterable<string> {
    return this.#database.streams(prefix);
  }

  anchor(stream: string) {
    return this.#database.anchor(stream);
  }

  /** @throws ERR_ARCHIVE_DAMAGED */
  async *stored(stream: string, fromVersion = 0): AsyncGenerator<StoredCommit, void, void> {
    const anchor = this.#database.anchor(stream);
    const record = anchor && parseTrim(anchor.trim.payload);
    if (record?.why === 'archive' && fromVersion <= anchor!.head.version) {
      const archived = (await this.#archive(record.body)).get(stream) ?? [];
      for (const commit of archived) if (commit.version >= fromVersion) yield commit;
    }
    yield* this.#database.stored(stream, fromVersion);
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

  /** Deletes archives that no stream rests on. @returns how many */
  async sweep(): Promise<number> {
    let swept = 0;
    for (const key of await this.#objects.list(archiveObject(Buffer.alloc(0)))) {
      if (this.#database.isNamed(Buffer.from(key.slice(key.lastIndexOf('/') + 1), 'hex'))) continue;
      await this.#objects.delete(key);
      swept++;
    }
    return swept;
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
