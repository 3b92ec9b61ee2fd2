import { closeSync, openSync, writeSync } from 'node:fs';
import type { Clock, Log, LogFields } from '../ports/platform.ts';

const TEXT_FIELDS = ['code', 'queue', 'stream', 'reason', 'requestId'] as const;
const NUMBER_FIELDS = ['count', 'milliseconds'] as const;
const LONGEST_TEXT = 200;

/** A log in JSON lines. Only the fields named above get through, of their type and cut to length, whatever is handed over. */
export class FileLog implements Log {
  readonly #file: number;
  readonly #clock: Clock;
  #open = true;

  constructor(path: string, clock: Clock) {
    this.#file = openSync(path, 'a', 0o600);
    this.#clock = clock;
  }

  info(message: string, fields?: LogFields): void {
    this.#write('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#write('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#write('error', message, fields);
  }

  /** What is logged afterwards, by connections that end late, is dropped. */
  close(): void {
    this.#open = false;
    closeSync(this.#file);
  }

  #write(level: string, message: string, fields: LogFields = {}): void {
    if (!this.#open) return;
    const line: Record<string, string | number> = {
      time: new Date(this.#clock.now()).toISOString(),
      level,
      message: message.slice(0, LONGEST_TEXT),
    };
    for (const name of TEXT_FIELDS) {
      const value: unknown = fields[name];
      if (typeof value === 'string') line[name] = value.slice(0, LONGEST_TEXT);
    }
    for (const name of NUMBER_FIELDS) {
      const value: unknown = fields[name];
      if (typeof value === 'number') line[name] = value;
    }
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
  }
}
