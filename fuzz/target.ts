/** Something that reads bytes a stranger may have written. */
export interface FuzzTarget {
  readonly name: string;
  /** What it reads, in a line. */
  readonly what: string;
  /** Folders or files whose branches guide the search, as in paths of the repository. */
  readonly covers: readonly string[];
  /** Longest input that is tried, bytes. */
  readonly mostBytes: number;
  /** How much of all executions it gets, beside the others: a signature takes a hundred times as long as a layout. */
  readonly share: number;
  /** Valid inputs to begin with, made by our own writers; the files of fuzz/corpus come on top. */
  readonly seeds: () => readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
  /** What such inputs are made of. */
  readonly dictionary: readonly (string | Uint8Array)[];
  /** Codes of errors that are an answer. Whatever else is thrown is a finding. */
  readonly codes: readonly string[];
  /** Reads one input. Throws `Broken` where what came out is not what went in. @returns whether it was read as something; false: refused */
  readonly run: (input: Buffer) => boolean | Promise<boolean>;
}

/** What was read cannot be right: another reading of the same bytes, or bytes that were never written. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

/** @returns true, for it was read @throws Broken */
export function same(what: string, one: Uint8Array, other: Uint8Array): boolean {
  if (Buffer.compare(one, other) !== 0) throw new Broken(`${what}: written again it is other bytes`);
  return true;
}

/** Whether an error is an answer to bad input. */
export function isAnswer(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && !(error instanceof Broken) && codes.includes((error as Error & { code?: string }).code ?? '');
}
