import { utcDate } from '../shared/days/utc-date.ts';
/** Names the log in what is signed. */
export const LOG_ORIGIN = 'joulekeep/log';

/** KMS key that signs checkpoints. */
export const CHECKPOINT_KEY = 'checkpoint';

/** Objects of the log lie under this: tiles and entries as in `protocol/log/tiles.ts`. */
export const LOG_PREFIX = 'log/';

/** The newest checkpoint: what was put here is what the log is. */
export const LATEST = `${LOG_PREFIX}latest`;

/** Every checkpoint that ever was the newest, by its size; of several of one size the first. */
export const CHECKPOINTS = `${LOG_PREFIX}checkpoint/`;

/** By when they were signed, beside: names alone, in the order of time. */
const SIGNED = `${LOG_PREFIX}signed/`;
const DIGITS = 16;

/** Names a checkpoint as one of its UTC day. @param at when it was signed, UTC ms */
export function signedPlace(at: number, size: number): string {
  return `${signedOn(at)}${[at, size].map((one) => String(one).padStart(DIGITS, '0')).join('-')}`;
}

/** Names of checkpoints that were signed on the UTC day of an instant begin so. */
export function signedOn(at: number): string {
  return `${SIGNED}${utcDate(at)}/`;
}

/** What a name of those says: when the checkpoint was signed, UTC ms, and its size. */
export function signedIn(place: string): { readonly at: number; readonly size: number } {
  const [at, size] = place.slice(place.lastIndexOf('/') + 1).split('-');
  return { at: Number(at), size: Number(size) };
}

/** Entries of commits that have no place yet. */
export const PENDING = `${LOG_PREFIX}pending/`;

export function checkpointPlace(size: number): string {
  return `${CHECKPOINTS}${size}`;
}

/**
 * Where a delivery of the feed waits: its first and last sequence, so that one which comes again with other ends lies beside, and lists
 * in the order of arrival. 40 digits: sequences have up to that many.
 */
export function pendingPlace(first: string, last: string): string {
  return `${PENDING}${first.padStart(40, '0')}-${last.padStart(40, '0')}`;
}
