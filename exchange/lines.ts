import type { Problems } from './problem.ts';

/** Bytes of the longest line that is read; a NEM12 day of 288 values has about 4,000. */
const MAX_LINE = 65_536;
const LF = 0x0a;
const CR = 0x0d;
const BOM = [0xef, 0xbb, 0xbf];
/** Whatever no line of text has: control characters but for the tab. */
export const CONTROL = /(?!\t)\p{Cc}/u;

/** What takes lines one by one. `text` is null where the line can't be read; a problem tells why. */
export interface LineSink {
  line(number: number, text: string | null): void;
  end(lines: number): void;
}

/**
 * Cuts bytes into lines, whatever the pieces they come in: LF or CRLF, UTF-8, a byte order mark allowed. Memory is that
 * of one line: a longer one is told of and passed over.
 */
export class LineSplitter {
  readonly #sink: LineSink;
  readonly #problems: Problems;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #begun: Uint8Array[] = [];
  #length = 0;
  #lines = 0;

  constructor(sink: LineSink, problems: Problems) {
    this.#sink = sink;
    this.#problems = problems;
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, from)) {
      this.#take(chunk.subarray(from, at));
      this.#emit();
      from = at + 1;
    }
    this.#take(chunk.subarray(from));
  }

  end(): void {
    if (this.#length > 0) this.#emit();
    this.#sink.end(this.#lines);
  }

  #take(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#length += piece.length;
    if (this.#length > MAX_LINE) this.#begun = [];
    else this.#begun.push(piece);
  }

  #emit(): void {
    const number = ++this.#lines;
    const tooLong = this.#length > MAX_LINE;
    const [only] = this.#begun;
    const bytes = this.#begun.length === 1 ? only! : joined(this.#begun);
    this.#begun = [];
    this.#length = 0;
    this.#sink.line(number, tooLong ? this.#refuseLong(number) : this.#text(number, bytes));
  }

  #refuseLong(number: number): null {
    this.#problems.add(number, 1, `the line has more than ${MAX_LINE} bytes`, 'end every record with a line end');
    return null;
  }

  #text(number: number, bytes: Uint8Array): string | null {
    const from = number === 1 && BOM.every((byte, i) => bytes[i] === byte) ? BOM.length : 0;
    const until = bytes.at(-1) === CR ? bytes.length - 1 : bytes.length;
    let text: string;
    try {
      text = this.#decoder.decode(bytes.subarray(from, until));
    } catch {
      this.#problems.add(number, 1, 'the line is not UTF-8', 'save the file as UTF-8 or ASCII text');
      return null;
    }
    const control = CONTROL.exec(text);
    if (control === null) return text;
    const code = control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    this.#problems.add(number, control.index + 1, `control character U+${code}`, 'remove it; lines end with LF or CRLF');
    return null;
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
