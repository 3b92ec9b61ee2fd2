import { closeSync, openSync, writeSync } from 'node:fs';
import type { Clock, Log, LogFields } from '../ports/platform.ts';
import { writtenFields, writtenMessage } from '../store/log-fields.ts';

/** A log in JSON lines. Only allow-listed fields get through, of their type and cut to length, whatever is handed over. */
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

  #write(level: string, message: string, fields?: LogFields): void {
    if (!this.#open) return;
    const time = new Date(this.#clock.now()).toISOString();
    const line = { time, level, message: writtenMessage(message), ...writtenFields(fields) };
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
  }
}
