import type { KeyObject } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { KMS_RECORD_DAYS } from '../../../topology/retention.ts';
import type { KmsCall, KmsDay, KmsRecord } from '../../ports/kms-record.ts';
import type { Clock } from '../../ports/platform.ts';
import { NO_HEAD } from './record-block.ts';
import { RecordFiles } from './record-files.ts';
import { RecordReader } from './record-reader.ts';
import { RecordWriter } from './record-writer.ts';

const DAY_MS = 86_400_000;
const BESIDE = /^beside-(\d+)-\d+$/;

/** Folder of the record of a process that opens the key service beside the one that serves: each writes its own. */
export function besideRecord(directory: string, now: number): string {
  return join(directory, `beside-${now}-${process.pid}`);
}

/**
 * The record of the key service in software: a folder of append-only files, which no function is given. Each line carries a mark that takes the key
 * service's root key to make, and names the one before. @source X.1332 10.1
 */
export class SoftwareKmsRecord implements KmsRecord {
  readonly #directory: string;
  readonly #key: KeyObject;
  readonly #files: RecordFiles;
  readonly #writer: RecordWriter;
  readonly #reader: RecordReader;

  constructor(directory: string, key: KeyObject, clock: Clock) {
    this.#directory = directory;
    this.#key = key;
    this.#files = new RecordFiles(directory);
    this.#writer = new RecordWriter(this.#files, key, clock);
    this.#reader = new RecordReader(this.#files, key, () => this.#writer.head);
    this.#forgetBeside(clock.now());
  }

  note(call: KmsCall): Promise<void> {
    return this.#writer.note(call);
  }

  async firstDay(): Promise<string | undefined> {
    return this.#files.days()[0];
  }

  async readDay(day: string, after: string | undefined, take: (call: KmsCall) => void): Promise<KmsDay> {
    const own = await this.#reader.readDay(day, after, take);
    let { calls } = own;
    const faults = [...own.faults];
    for (const name of this.#beside()) {
      const files = new RecordFiles(join(this.#directory, name));
      const found = await new RecordReader(files, this.#key, () => NO_HEAD).readDay(day, undefined, take);
      calls += found.calls;
      // Nothing says where such a record ends but its own last line.
      faults.push(...found.faults.filter(({ fault }) => fault === 'altered'));
    }
    return { ...own, calls, faults };
  }

  close(): void {
    this.#writer.close();
  }

  #beside(): readonly string[] {
    return readdirSync(this.#directory).filter((name) => BESIDE.test(name));
  }

  #forgetBeside(now: number): void {
    if (BESIDE.test(basename(this.#directory))) return;
    const old = this.#beside().filter((name) => Number(BESIDE.exec(name)![1]) < now - KMS_RECORD_DAYS * DAY_MS);
    for (const name of old) rmSync(join(this.#directory, name), { recursive: true });
  }
}

/** Folder of the record beside the key file. */
export function recordOf(path: string): string {
  return join(dirname(path), 'kms-record');
}
