import type { LineSink } from '../lines.ts';
import type { Problems } from '../problem.ts';
import { quoted } from '../problem.ts';
import { Fields } from './fields.ts';
import type { NemVisitor } from './model.ts';
import { Nem12Reader } from './nem12-reader.ts';
import { Nem13Reader } from './nem13-reader.ts';

/**
 * Reads a NEM12 or NEM13 file line by line in the memory of one day. Everything wrong goes to the problems; what the
 * visitor got counts only when there are none at the end. @source MDFF NEM12 & NEM13 v2
 */
export class NemReader implements LineSink {
  readonly #visitor: NemVisitor;
  readonly #problems: Problems;
  readonly #nem12: Nem12Reader;
  readonly #nem13: Nem13Reader;
  #version: 'NEM12' | 'NEM13' | undefined;
  #state: 'begin' | 'records' | 'ended' | 'unknown' = 'begin';

  constructor(visitor: NemVisitor, problems: Problems) {
    this.#visitor = visitor;
    this.#problems = problems;
    this.#nem12 = new Nem12Reader(visitor);
    this.#nem13 = new Nem13Reader(visitor);
  }

  line(number: number, text: string | null): void {
    if (this.#state === 'unknown' || text?.trim() === '') return;
    if (text === null) this.#unreadable();
    else if (this.#state === 'begin') this.#begin(new Fields(number, text, this.#problems));
    else this.#record(new Fields(number, text, this.#problems));
  }

  end(lines: number): void {
    this.#close();
    if (this.#state === 'begin') this.#problems.add(1, 1, 'the file is empty', 'get it again');
    else if (this.#state === 'records')
      this.#problems.add(lines, 1, 'the file ends without its 900 record', 'it was cut off: get it again');
  }

  #begin(fields: Fields): void {
    const version = (['NEM12', 'NEM13'] as const).find((known) => known === fields.at(1).toUpperCase());
    if (fields.at(0) !== '100' || version === undefined) {
      this.#state = 'unknown';
      fields.fault(fields.at(0) === '100' ? 1 : 0, 'no NEM12 or NEM13 file', 'the first record is 100,NEM12 or 100,NEM13');
      return;
    }
    this.#state = 'records';
    this.#version = version;
    const header = {
      version,
      created: fields.stamp(2, 'instant', 'required'),
      from: fields.text(3, 'sender'),
      to: fields.text(4, 'receiver'),
    };
    fields.endsBefore(5, '100');
    if (!fields.bad) this.#visitor.header(header);
  }

  #record(fields: Fields): void {
    if (this.#state === 'ended') {
      fields.fault(0, 'a record behind 900', '900 ends the file: send one file each');
    } else if (fields.at(0) === '900') {
      this.#close();
      this.#state = 'ended';
      fields.endsBefore(1, '900');
    } else {
      const known = this.#version === 'NEM12' ? this.#nem12.record(fields) : this.#nem13.record(fields);
      if (!known)
        fields.fault(0, `${this.#version} has no record ${quoted(fields.at(0))}`, 'remove the line, or check the version in record 100');
    }
  }

  #unreadable(): void {
    if (this.#state === 'begin') this.#state = 'unknown';
    this.#nem12.unreadable();
    this.#nem13.unreadable();
  }

  #close(): void {
    this.#nem12.closeDay();
    this.#nem13.closeRead();
  }
}
