import type { ToldBinding } from './told-binding.ts';

export type Shows = (told: ToldBinding) => boolean;

/** What is asked of account and usage point, and where an answer could be withheld. */
export interface Question {
  readonly about: string;
  /** What is wrong where nothing shows it. */
  readonly lacks: string;
  readonly shows: Shows;
  /** When something that the bill keeps was taken from the streams before it went out, UTC ms. */
  readonly takenAt?: number;
  /** It may be from the bill's first revision, and nothing in a proof says when that went out. */
  readonly everBefore?: boolean;
  /** What is said otherwise since takes nothing from the bill as it went out. */
  readonly thenAlone?: boolean;
  readonly withheld: readonly number[];
}

/** Versions of which nothing is shown. */
export interface Withheld {
  readonly account: readonly number[];
  readonly point: readonly number[];
}
