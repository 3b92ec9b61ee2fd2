import type { KeyObject } from 'node:crypto';
import { closeSync, fdatasync, fdatasyncSync, fstatSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import { JoulekeepError } from '../../../events/errors.ts';
import { KMS_RECORD_DAYS } from '../../../topology/retention.ts';
import type { KmsCall } from '../../ports/kms-record.ts';
import type { Clock } from '../../ports/platform.ts';
import { blockLine, NO_HEAD, type RecordBlock, type RecordHead, readLine } from './record-block.ts';
import type { RecordFiles } from './record-files.ts';

const DAY_MS = 86_400_000;
/** What is written is on stable storage at most so much later, ms. */
const FLUSH_MS = 1_000;
/** Of one line: then it lies whole within the end of a file that is read when the record is opened. */
const CALLS_PER_LINE = 1_000;

/**
 * Writes the record. What is asked within one turn of the event loop is one write, and nobody has an answer of the key service before it is made:
 * then it outlives the process. A flush to stable storage follows within a second, so that it costs no call anything.
 *
 *   turn n   decrypt decrypt sign    note, wait
 *   check    one line, one write     then all three are answered
 */
export class RecordWriter {
  readonly #files: RecordFiles;
  readonly #key: KeyObject;
  readonly #clock: Clock;
  #head: RecordHead = NO_HEAD;
  #day = '';
  #file: number | undefined;
  #waiting: { readonly call: KmsCall; readonly done: () => void; readonly failed: (error: unknown) => void }[] = [];
  #scheduled: NodeJS.Immediate | undefined;
  #flushing: NodeJS.Timeout | undefined;

  constructor(files: RecordFiles, key: KeyObject, clock: Clock) {
    this.#files = files;
    this.#key = key;
    this.#clock = clock;
    const mend = this.#findHead();
    this.#write('opened', [], mend);
  }

  get head(): RecordHead {
    return this.#head;
  }

  /** Resolves when the call is on the record. @throws ERR_KMS_UNRECORDED (retryable) */
  note(call: KmsCall): Promise<void> {
    this.#scheduled ??= setImmediate(() => this.#writeOut());
    return new Promise((done, failed) => {
      this.#waiting.push({ call, done, failed });
    });
  }

  /** Where the last line can't be written any more, the next opening tells of a break. */
  close(): void {
    clearTimeout(this.#flushing);
    this.#writeOut();
    try {
      this.#write('closed', []);
    } catch {
      // A full disk keeps nobody from ending.
    }
    this.#letGo();
  }

  #writeOut(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    while (this.#waiting.length > 0) {
      const together = this.#waiting.splice(0, CALLS_PER_LINE);
      try {
        this.#write(
          'called',
          together.map(({ call }) => call),
        );
        for (const { done } of together) done();
      } catch (cause) {
        const error = new JoulekeepError('ERR_KMS_UNRECORDED', 'what is not on record is not done', { retryable: true, cause });
        for (const { failed } of together) failed(error);
      }
    }
  }

  #write(event: RecordBlock['event'], calls: readonly KmsCall[], mend = ''): void {
    const at = this.#clock.now();
    const file = this.#fileAt(at);
    const { line, head } = blockLine(this.#key, { number: this.#head.number + 1, before: this.#head.mark, at, event, calls });
    appendWhole(file, Buffer.from(mend + line));
    this.#head = head;
    this.#flushing ??= setTimeout(() => this.#flush(), FLUSH_MS).unref();
  }

  /** The record never goes back to a day before, whatever the clock does. */
  #fileAt(at: number): number {
    const day = new Date(at).toISOString().slice(0, 10);
    if (this.#file !== undefined && day <= this.#day) return this.#file;
    const next = [day, this.#day].sort().at(-1)!;
    const file = openSync(this.#files.pathOf(next), 'a', 0o600);
    this.#letGo();
    this.#day = next;
    this.#file = file;
    this.#forget(at);
    return file;
  }

  #letGo(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) return;
    fdatasyncSync(file);
    closeSync(file);
  }

  #flush(): void {
    this.#flushing = undefined;
    if (this.#file !== undefined) fdatasync(this.#file, () => {});
  }

  #forget(at: number): void {
    const oldest = new Date(at - KMS_RECORD_DAYS * DAY_MS).toISOString().slice(0, 10);
    for (const day of this.#files.days()) if (day < oldest) rmSync(this.#files.pathOf(day));
  }

  /** @returns what ends a line that was not written to its end */
  #findHead(): string {
    const last = this.#files.days().at(-1);
    if (last === undefined) return '';
    this.#day = last;
    const { lines, whole } = this.#files.tail(last);
    const sound = lines.map((line) => readLine(this.#key, line)).findLast((found) => found !== undefined);
    if (sound !== undefined) this.#head = sound.head;
    return whole ? '' : '\n';
  }
}

/** All of it or nothing: a full disk takes a part of a line. */
function appendWhole(file: number, bytes: Buffer): void {
  const { size } = fstatSync(file);
  try {
    const written = writeSync(file, bytes);
    if (written !== bytes.length) throw new JoulekeepError('ERR_KMS_UNRECORDED', `${written} of ${bytes.length} bytes were taken`);
  } catch (error) {
    ftruncateSync(file, size);
    throw error;
  }
}
