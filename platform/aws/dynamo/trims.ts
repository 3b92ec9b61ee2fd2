import { createHash } from 'node:crypto';
import { JoulekeepError } from '../../../events/errors.ts';
import type { StreamHead } from '../../ports/event-store.ts';
import type { Kms } from '../../ports/kms.ts';
import type { Clock, ObjectStore } from '../../ports/platform.ts';
import { archiveObject } from '../../ports/stream-anchor.ts';
import { isSigned, parseTrim, type SignedTrim, type StoredAnchor, type TrimRecord } from '../../store/trim-record.ts';
import type { Anchors } from './anchors.ts';
import type { CommitBodies } from './commit-bodies.ts';
import { goneRow, HEAD_FIELDS, headOf, isGone } from './commit-row.ts';
import { newestRow } from './newest-row.ts';
import { bytes, bytesOf, number, numberOf, type Row, text } from './row.ts';
import { listed } from './stream-names.ts';
import type { DynamoTable } from './table.ts';

export interface TrimParts {
  readonly table: DynamoTable;
  readonly anchors: Anchors;
  readonly bodies: CommitBodies;
  readonly kms: Kms;
  readonly clock: Clock;
}

/** What a trim has still to do, as the table keeps it: an item of its own that leaves the index when all is done. */
interface Work {
  readonly id: string;
  readonly signed: SignedTrim;
  readonly record: TrimRecord;
  /** Records of archives that this one has replaced for some stream. */
  readonly replaced: readonly TrimRecord[];
}

const PREFIX = '~trim/';
/** Name in the index of what is unfinished. */
const UNFINISHED = 'trims-unfinished';
/** As long as this something stands in the place of a commit that was taken out; TTL removes it then. */
const MARK_SECONDS = 7 * 86_400;
const AT_ONCE = 8;

/**
 * Takes commits out of streams. Nobody may delete from the table: a commit's item is put over with an empty one that has a time to live,
 * after the anchor, and the last of a stream after all others, so that as long as anything is left the last is. Then bodies go that lay
 * in the object store. Whatever breaks off is carried on by the next run.
 */
export class Trims {
  readonly #parts: TrimParts;

  constructor(parts: TrimParts) {
    this.#parts = parts;
  }

  async trim(heads: readonly StreamHead[], signed: SignedTrim, body: Buffer, whole: boolean): Promise<void> {
    const anchors = await Promise.all(heads.map(({ stream }) => this.#parts.anchors.get(stream)));
    for (const [i, head] of heads.entries()) await this.#check(head, anchors[i], whole);
    const work = await this.#note(signed, replacedBy(anchors, body));
    for (const head of heads) if (!(await this.#parts.anchors.set(head, signed, true))) throw refused(head.stream);
    await this.#takeOut(heads);
    if (work.replaced.length === 0) await this.#done(work);
  }

  /** Carries on whatever broke off. */
  async finish(): Promise<void> {
    for await (const work of this.#unfinished()) {
      await this.#carryOn(work);
      if (work.record.why === 'checkpoint') await this.#done(work);
    }
  }

  /** The same, and deletes archives that were replaced for every stream in them. @returns how many */
  async sweep(objects: ObjectStore): Promise<number> {
    let swept = 0;
    for await (const work of this.#unfinished()) {
      await this.#carryOn(work);
      for (const record of [...work.replaced, work.record]) if (await this.#sweepObject(record, objects)) swept++;
      await this.#done(work);
    }
    return swept;
  }

  async #check(head: StreamHead, anchor: StoredAnchor | undefined, whole: boolean): Promise<void> {
    const { stream, version, hash } = head;
    const found = anchor?.head.version === version ? anchor.head : await this.#headAt(stream, version);
    const sound = found?.version === version && found.hash.equals(hash) && (anchor === undefined || anchor.head.version <= version);
    if (!sound || (whole && (await this.#hasGrown(head)))) throw refused(stream);
  }

  /** Head behind the commit that begins at this version or before; undefined where it was taken out. */
  async #headAt(stream: string, version: number): Promise<StreamHead | undefined> {
    const row = await newestRow(this.#parts.table, stream, version);
    return row === undefined || isGone(row) ? undefined : headOf(row);
  }

  async #hasGrown({ stream, version }: StreamHead): Promise<boolean> {
    const tip = await newestRow(this.#parts.table, stream);
    return tip !== undefined && numberOf(tip, 'sk') > version;
  }

  async #note(signed: SignedTrim, replaced: readonly Buffer[]): Promise<Work> {
    const id = PREFIX + createHash('sha256').update(signed.payload).digest('hex');
    const { payload, signature } = signed;
    const item: Row = {
      ...workKey(id),
      shard: text(UNFINISHED),
      name: text(id),
      payload: bytes(payload),
      signature: bytes(signature),
      replaced: { L: replaced.map(bytes) },
    };
    await this.#parts.table.put(item);
    return workOf(id, item)!;
  }

  async *#unfinished(): AsyncGenerator<Work, void, void> {
    for (const id of await Array.fromAsync(listed(this.#parts.table, UNFINISHED))) {
      const row = await this.#parts.table.get(workKey(id));
      const work = row && workOf(id, row);
      if (work !== undefined && (await this.#isOurs(work))) yield work;
    }
  }

  /** What nobody entitled has signed is not carried on. */
  async #isOurs({ signed, record }: Work): Promise<boolean> {
    const [head] = record.heads;
    return head !== undefined && (await isSigned(this.#parts.kms, { head, trim: signed }));
  }

  async #carryOn({ record: { heads }, signed }: Work): Promise<void> {
    for (const head of heads) await this.#parts.anchors.set(head, signed, false);
    await this.#takeOut(heads);
  }

  /** What lies before these heads; their anchors are set. */
  async #takeOut(heads: readonly StreamHead[]): Promise<void> {
    for (const head of heads) {
      const rows = await this.#before(head);
      const last = rows.pop();
      for (let i = 0; i < rows.length; i += AT_ONCE) await Promise.all(rows.slice(i, i + AT_ONCE).map((row) => this.#mark(row)));
      if (last !== undefined) await this.#mark(last);
      await this.#parts.bodies.remove(head.stream, head.version);
    }
  }

  async #before({ stream, version }: StreamHead): Promise<Row[]> {
    const values = { ':stream': text(stream), ':version': number(version) };
    const rows = await Array.fromAsync(this.#parts.table.query({ condition: 'pk = :stream AND sk <= :version', values, ...HEAD_FIELDS }));
    return rows.filter((row) => !isGone(row));
  }

  async #mark(row: Row): Promise<void> {
    const until = Math.ceil(this.#parts.clock.now() / 1000) + MARK_SECONDS;
    const condition = '#hash = :hash';
    await this.#parts.table.put(goneRow(row, until), { condition, names: { '#hash': 'hash' }, values: { ':hash': row['hash']! } });
  }

  async #sweepObject({ why, body, heads }: TrimRecord, objects: ObjectStore): Promise<boolean> {
    if (why !== 'archive') return false;
    for (const { stream } of heads) {
      const anchor = await this.#parts.anchors.get(stream);
      if (anchor !== undefined && parseTrim(anchor.trim.payload)?.body.equals(body)) return false;
    }
    if ((await objects.get(archiveObject(body))) === undefined) return false;
    await objects.delete(archiveObject(body));
    return true;
  }

  async #done({ id }: Work): Promise<void> {
    const until = Math.ceil(this.#parts.clock.now() / 1000) + MARK_SECONDS;
    await this.#parts.table.put({ ...workKey(id), expiresAt: number(until) });
  }
}

function workKey(id: string): Row {
  return { pk: text(id), sk: number(0) };
}

function workOf(id: string, row: Row): Work | undefined {
  const signed = { payload: bytesOf(row, 'payload'), signature: bytesOf(row, 'signature') };
  const record = parseTrim(signed.payload);
  const replaced = (row['replaced']?.L ?? []).map(({ B }) => parseTrim(Buffer.from(B ?? [])));
  return record && { id, signed, record, replaced: replaced.filter((other) => other !== undefined) };
}

/** Payloads of the archives that these anchors rest on, each once, but for the one with this body. */
function replacedBy(anchors: readonly (StoredAnchor | undefined)[], body: Buffer): readonly Buffer[] {
  const payloads = new Map<string, Buffer>();
  for (const anchor of anchors) {
    const record = anchor && parseTrim(anchor.trim.payload);
    if (record?.why === 'archive' && !record.body.equals(body)) payloads.set(record.body.toString('hex'), anchor!.trim.payload);
  }
  return [...payloads.values()];
}

function refused(stream: string): JoulekeepError {
  return new JoulekeepError('ERR_TRIM_REFUSED', `${stream}: does not stand where it is to be cut`, { retryable: true });
}
