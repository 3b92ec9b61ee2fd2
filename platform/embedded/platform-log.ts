import { closeSync, openSync, writeSync } from 'node:fs';
import type { Clock, Log, LogFields } from '../ports/platform.ts';
import { writtenFields, writtenMessage } from '../store/log-fields.ts';

/** A log in JSON lines. Only allow-listed fields get through, of their type and cut to length, whatever is handed over. */
export class FileLog implements Log {
  readonly #file: number;
  readonly #clock: Clock;
  readonly #put: (file: number, line: string) => void;
  #open = true;
  /** Lines that could not be written since the last one that was. */
  #lost = 0;

  /** @param put for tests of a disk that is full */
  constructor(path: string, clock: Clock, put: (file: number, line: string) => void = writeSync) {
    this.#file = openSync(path, 'a', 0o600);
    this.#clock = clock;
    this.#put = put;
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
    try {
      if (this.#lost > 0) this.#append({ time, level: 'error', message: 'lines of the log are lost', count: this.#lost });
      this.#lost = 0;
      this.#append(line);
    } catch {
      // On a full disk nothing can be told, and whoever tells must not end by it.
      this.#lost++;
    }
  }

  #append(line: object): void {
    this.#put(this.#file, `${JSON.stringify(line)}\n`);
  }
}
