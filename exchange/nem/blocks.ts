import { dayStart } from '../calendar.ts';
import type { ImportSink } from '../import.ts';
import type { Nem12Channel, Nem12Day, Nem13Read, NemVisitor } from './model.ts';

/** Turns what a NEM file says into import blocks and reads. */
export class NemBlocks implements NemVisitor {
  readonly #sink: ImportSink;
  readonly #utcOffsetMinutes: number;
  #channel: Nem12Channel | undefined;

  constructor(sink: ImportSink, utcOffsetMinutes: number) {
    this.#sink = sink;
    this.#utcOffsetMinutes = utcOffsetMinutes;
  }

  header(): void {}

  channel(channel: Nem12Channel, line: number): void {
    this.#channel = channel;
    if (channel.unit.base === undefined) this.#setAside(channel, line);
  }

  day({ date, values, quality }: Nem12Day, line: number): void {
    const { nmi, serial, suffix, unit, minutes } = this.#channel!;
    if (unit.base === undefined) return;
    const start = dayStart(date, this.#utcOffsetMinutes);
    const register = { usagePoint: nmi, meter: serial.trim(), register: suffix, unit: unit.base };
    this.#sink.block({ line, ...register, date, start, minutes, values, quality, vocabulary: 'aemo' });
  }

  read(read: Nem13Read, line: number): void {
    const { nmi, serial, suffix, unit, previous, current, quantity } = read;
    if (unit.base === undefined) {
      this.#setAside(read, line);
      return;
    }
    const register = { usagePoint: nmi, meter: serial.trim(), register: suffix, unit: unit.base };
    this.#sink.read({ line, ...register, from: previous.at, until: current.at, quantity, quality: current.quality });
  }

  #setAside({ nmi, suffix, unit }: Pick<Nem12Channel, 'nmi' | 'suffix' | 'unit'>, line: number): void {
    this.#sink.setAside({ line, usagePoint: nmi, register: suffix, unit: unit.name });
  }
}
