import { createHash } from 'node:crypto';
import type { ObjectStore } from '../../ports/platform.ts';
import { damaged, type SealedCommit, type StoredCommit } from '../../store/commit.ts';
import { CommitsTakenOut } from '../../store/commit-table.ts';
import { commitRow, isGone, keyOf, storedCommit } from './commit-row.ts';
import { bytes, bytesOf, numberOf, type Row, textOf } from './row.ts';
import type { DynamoTable } from './table.ts';

/** Streams whose large bodies lie in the object store: those that are written every few minutes and go after weeks. */
const STREAMS = 'segment/';
const FOLDER = 'bodies/';
/** From here on an object costs less than an item, written, kept and taken out. */
const LEAST_BYTES = 4 * 1_024;
/** Digits of the largest version there can be. */
const VERSION_DIGITS = 16;
const AT_ONCE = 16;

/**
 * Bodies of telemetry, which would cost a write unit for each kilobyte when they come and again when they go, lie in the object store; the
 * item names them by version and SHA-256. Sealed as they are, with the tag in the item and their bytes in the chain: who alters one is found
 * as if it lay in the table. @source X.1332 10.1 (stored data confidential and intact)
 */
export class CommitBodies {
  readonly #objects: ObjectStore;
  readonly #table: DynamoTable;

  constructor(objects: ObjectStore, table: DynamoTable) {
    this.#objects = objects;
    this.#table = table;
  }

  /** The item of a commit, its body stored before it where it lies apart: what was never put into the table nobody reads. */
  async store(commit: SealedCommit): Promise<Row> {
    const { stream, version, body } = commit;
    if (!stream.startsWith(STREAMS) || body.length < LEAST_BYTES) return commitRow(commit);
    const { body: _, ...row } = commitRow(commit);
    const bodyHash = createHash('sha256').update(body).digest();
    await this.#objects.put(objectKey(stream, version, bodyHash), body);
    return { ...row, bodyHash: bytes(bodyHash) };
  }

  /** What an item says was recorded. @throws CommitsTakenOut when it has gone meanwhile, ERR_COMMIT_DAMAGED when its body alone has */
  async commitOf(row: Row): Promise<StoredCommit> {
    const stream = textOf(row, 'pk');
    if (isGone(row)) throw new CommitsTakenOut(stream);
    if (row['bodyHash'] === undefined) return storedCommit(row);
    const body = await this.#objects.get(objectKey(stream, numberOf(row, 'sk'), bytesOf(row, 'bodyHash')));
    if (body !== undefined) return { ...storedCommit(row), body };
    const now = await this.#table.get(keyOf(stream, numberOf(row, 'sk')));
    if (now === undefined || isGone(now)) throw new CommitsTakenOut(stream);
    throw damaged(storedCommit(row), 'has lost its body');
  }

  /** Whatever lies there of a stream up to a version, also what a writer that came second has left. */
  async remove(stream: string, version: number): Promise<void> {
    if (!stream.startsWith(STREAMS)) return;
    const folder = folderOf(stream);
    const all = await this.#objects.list(folder);
    const due = all.filter((key) => Number(key.slice(folder.length, folder.length + VERSION_DIGITS)) <= version);
    for (let i = 0; i < due.length; i += AT_ONCE) await Promise.all(due.slice(i, i + AT_ONCE).map((key) => this.#objects.delete(key)));
  }
}

function folderOf(stream: string): string {
  return `${FOLDER}${stream}/`;
}

/** Ends in the hash, so that the store never puts one over another. */
function objectKey(stream: string, version: number, hash: Buffer): string {
  return `${folderOf(stream)}${String(version).padStart(VERSION_DIGITS, '0')}/${hash.toString('hex')}`;
}
